namespace Governance.Policy.Cel;

/// <summary>The math extension. <c>math.greatest</c> and <c>math.least</c> take any count of numbers, or one list of them.</summary>
internal static class MathFunctions
{
    public static void AddTo(FunctionTable table)
    {
        OfDouble(table, "math.ceil", Math.Ceiling);
        OfDouble(table, "math.floor", Math.Floor);
        OfDouble(table, "math.round", v => Math.Round(v, MidpointRounding.AwayFromZero));
        OfDouble(table, "math.trunc", Math.Truncate);
        table.Global("math.isNaN", CelType.Bool, CelType.Double, (in CelValue v) => CelValue.Of(double.IsNaN(v.AsDouble)));
        table.Global("math.isInf", CelType.Bool, CelType.Double, (in CelValue v) => CelValue.Of(double.IsInfinity(v.AsDouble)));
        table.Global("math.isFinite", CelType.Bool, CelType.Double, (in CelValue v) => CelValue.Of(double.IsFinite(v.AsDouble)));
        table.Global("math.abs", CelType.Int, CelType.Int, (in CelValue v) => v.AsInt < 0 ? Operators.Negate(v) : v);
        table.Global("math.abs", CelType.Uint, CelType.Uint, (in CelValue v) => v);
        table.Global("math.abs", CelType.Double, CelType.Double, (in CelValue v) => CelValue.Of(Math.Abs(v.AsDouble)));
        table.Global("math.sign", CelType.Int, CelType.Int, (in CelValue v) => CelValue.Of((long)Math.Sign(v.AsInt)));
        table.Global("math.sign", CelType.Uint, CelType.Uint, (in CelValue v) => CelValue.Of(v.AsUint == 0 ? 0UL : 1UL));
        table.Global("math.sign", CelType.Double, CelType.Double, (in CelValue v) =>
            CelValue.Of(double.IsNaN(v.AsDouble) ? double.NaN : Math.Sign(v.AsDouble)));
        table.Global("math.sqrt", CelType.Double, CelType.Double, (in CelValue v) => CelValue.Of(Math.Sqrt(v.AsDouble)));
        table.Global("math.sqrt", CelType.Double, CelType.Int, (in CelValue v) => CelValue.Of(Math.Sqrt(v.AsInt)));
        table.Global("math.sqrt", CelType.Double, CelType.Uint, (in CelValue v) => CelValue.Of(Math.Sqrt(v.AsUint)));
        Bits(table, "math.bitAnd", (a, b) => a & b);
        Bits(table, "math.bitOr", (a, b) => a | b);
        Bits(table, "math.bitXor", (a, b) => a ^ b);
        table.Global("math.bitNot", CelType.Int, CelType.Int, (in CelValue v) => CelValue.Of(~v.AsInt));
        table.Global("math.bitNot", CelType.Uint, CelType.Uint, (in CelValue v) => CelValue.Of(~v.AsUint));
        Shift(table, "math.bitShiftLeft", (value, by) => value << by);
        Shift(table, "math.bitShiftRight", (value, by) => value >>> by);
    }

    /// <summary>The greatest (sign 1) or least (sign -1) of some numbers.</summary>
    public static CelValue Extreme(ReadOnlySpan<CelValue> numbers, int sign)
    {
        var best = default(CelValue);
        foreach (ref readonly var number in numbers)
        {
            if (!number.IsNumber)
            {
                return Operators.NoOverload(sign > 0 ? "math.greatest" : "math.least", number);
            }

            if (best.Kind == CelKind.Absent || CelEquality.Compare(number, best) * sign > 0)
            {
                best = number;
            }
        }

        return best.Kind == CelKind.Absent ? CelValue.Error(CelErrorCode.InvalidArgument, "math.greatest() and math.least() need at least one number") : best;
    }

    private static void OfDouble(FunctionTable table, string name, Func<double, double> function) =>
        table.Global(name, CelType.Double, CelType.Double, (in CelValue v) => CelValue.Of(function(v.AsDouble)));

    private static void Bits(FunctionTable table, string name, Func<long, long, long> function)
    {
        table.Global(name, CelType.Int, CelType.Int, CelType.Int, (in CelValue a, in CelValue b) => CelValue.Of(function(a.AsInt, b.AsInt)));
        table.Global(name, CelType.Uint, CelType.Uint, CelType.Uint, (in CelValue a, in CelValue b) => CelValue.Of((ulong)function(a.AsInt, b.AsInt)));
    }

    private static void Shift(FunctionTable table, string name, Func<ulong, int, ulong> function)
    {
        table.Global(name, CelType.Int, CelType.Int, CelType.Int, (in CelValue v, in CelValue by) =>
            by.AsInt < 0 ? NegativeOffset() : CelValue.Of(by.AsInt >= 64 ? 0L : (long)function((ulong)v.AsInt, (int)by.AsInt)));
        table.Global(name, CelType.Uint, CelType.Uint, CelType.Int, (in CelValue v, in CelValue by) =>
            by.AsInt < 0 ? NegativeOffset() : CelValue.Of(by.AsInt >= 64 ? 0UL : function(v.AsUint, (int)by.AsInt)));
    }

    private static CelValue NegativeOffset() => CelValue.Error(CelErrorCode.InvalidArgument, "a bit shift takes no negative offset");
}
