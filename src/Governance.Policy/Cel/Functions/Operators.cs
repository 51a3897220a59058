namespace Governance.Policy.Cel;

/// <summary>Types and arithmetic of the operators. Integer arithmetic is checked; double arithmetic is IEEE 754.</summary>
internal static class Operators
{
    private static readonly CelType A = CelType.Parameter("A");
    private static readonly CelType B = CelType.Parameter("B");

    /// <summary>How people write an operator whose function name is <c>_+_</c>.</summary>
    public static string Spell(string function) => function switch
    {
        "@in" => "in",
        "!_" or "-_" => function[..1],
        "_[_]" => "[]",
        "_[?_]" => "[?]",
        "_?_:_" => "?:",
        _ => function.Trim('_'),
    };

    public static void Declare(FunctionTable table)
    {
        var listA = CelType.ListOf(A);
        var mapAB = CelType.MapOf(A, B);
        table.Declare("_==_", CelType.Bool, A, A);
        table.Declare("_!=_", CelType.Bool, A, A);
        table.Declare("_?_:_", A, CelType.Bool, A, A);
        table.Declare("!_", CelType.Bool, CelType.Bool);
        table.Declare("-_", CelType.Int, CelType.Int);
        table.Declare("-_", CelType.Double, CelType.Double);
        table.Declare("@in", CelType.Bool, A, listA);
        table.Declare("@in", CelType.Bool, A, mapAB);
        table.Declare("_[_]", A, listA, CelType.Int);
        table.Declare("_[_]", B, mapAB, A);
        table.Declare("_[_]", CelType.OptionalOf(A), CelType.OptionalOf(listA), CelType.Int);
        table.Declare("_[_]", CelType.OptionalOf(B), CelType.OptionalOf(mapAB), A);
        table.Declare("_[?_]", CelType.OptionalOf(A), listA, CelType.Int);
        table.Declare("_[?_]", CelType.OptionalOf(B), mapAB, A);
        table.Declare("_[?_]", CelType.OptionalOf(A), CelType.OptionalOf(listA), CelType.Int);
        table.Declare("_[?_]", CelType.OptionalOf(B), CelType.OptionalOf(mapAB), A);
        foreach (var op in (string[])["_+_", "_-_", "_*_", "_/_", "_%_"])
        {
            table.Declare(op, CelType.Int, CelType.Int, CelType.Int);
            table.Declare(op, CelType.Uint, CelType.Uint, CelType.Uint);
            if (op != "_%_")
            {
                table.Declare(op, CelType.Double, CelType.Double, CelType.Double);
            }
        }

        table.Declare("_+_", CelType.String, CelType.String, CelType.String);
        table.Declare("_+_", CelType.Bytes, CelType.Bytes, CelType.Bytes);
        table.Declare("_+_", listA, listA, listA);
        table.Declare("_+_", CelType.Timestamp, CelType.Timestamp, CelType.Duration);
        table.Declare("_+_", CelType.Timestamp, CelType.Duration, CelType.Timestamp);
        table.Declare("_+_", CelType.Duration, CelType.Duration, CelType.Duration);
        table.Declare("_-_", CelType.Duration, CelType.Timestamp, CelType.Timestamp);
        table.Declare("_-_", CelType.Timestamp, CelType.Timestamp, CelType.Duration);
        table.Declare("_-_", CelType.Duration, CelType.Duration, CelType.Duration);
        CelType[] numbers = [CelType.Int, CelType.Uint, CelType.Double];
        foreach (var op in (string[])["_<_", "_<=_", "_>_", "_>=_"])
        {
            foreach (var type in (CelType[])[CelType.Bool, CelType.String, CelType.Bytes, CelType.Timestamp, CelType.Duration])
            {
                table.Declare(op, CelType.Bool, type, type);
            }

            foreach (var left in numbers)
            {
                foreach (var right in numbers)
                {
                    table.Declare(op, CelType.Bool, left, right);
                }
            }
        }
    }

    public static CelValue Add(in CelValue l, in CelValue r, ICelBudget budget)
    {
        switch (l.Kind, r.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                var sum = unchecked(l.AsInt + r.AsInt);
                return ((l.AsInt ^ sum) & (r.AsInt ^ sum)) < 0 ? Overflow() : CelValue.Of(sum);
            case (CelKind.Uint, CelKind.Uint):
                return ulong.MaxValue - l.AsUint < r.AsUint ? Overflow() : CelValue.Of(l.AsUint + r.AsUint);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Of(l.AsDouble + r.AsDouble);
            case (CelKind.String, CelKind.String):
                budget.Charge((l.AsString.Length + r.AsString.Length) / 16);
                return CelValue.Of(string.Concat(l.AsString, r.AsString));
            case (CelKind.Bytes, CelKind.Bytes):
                budget.Charge((l.AsBytes.Length + r.AsBytes.Length) / 16);
                return CelValue.Of([.. l.AsBytes, .. r.AsBytes]);
            case (CelKind.List, CelKind.List):
                budget.Charge(l.AsList.Count + r.AsList.Count);
                return CelValue.ListOf([.. l.AsList.Items, .. r.AsList.Items]);
            case (CelKind.Timestamp, CelKind.Duration):
                return CelTime.Add(l, r.TotalNanos);
            case (CelKind.Duration, CelKind.Timestamp):
                return CelTime.Add(r, l.TotalNanos);
            case (CelKind.Duration, CelKind.Duration):
                return CelTime.DurationOf((Int128)l.TotalNanos + r.TotalNanos);
            default:
                return NoOverload("_+_", l, r);
        }
    }

    public static CelValue Subtract(in CelValue l, in CelValue r, ICelBudget budget)
    {
        switch (l.Kind, r.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                var difference = unchecked(l.AsInt - r.AsInt);
                return ((l.AsInt ^ r.AsInt) & (l.AsInt ^ difference)) < 0 ? Overflow() : CelValue.Of(difference);
            case (CelKind.Uint, CelKind.Uint):
                return l.AsUint < r.AsUint ? Overflow() : CelValue.Of(l.AsUint - r.AsUint);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Of(l.AsDouble - r.AsDouble);
            case (CelKind.Timestamp, CelKind.Timestamp):
                return CelTime.Subtract(l, r);
            case (CelKind.Timestamp, CelKind.Duration):
                return CelTime.Add(l, -(Int128)r.TotalNanos);
            case (CelKind.Duration, CelKind.Duration):
                return CelTime.DurationOf((Int128)l.TotalNanos - r.TotalNanos);
            default:
                return NoOverload("_-_", l, r);
        }
    }

    public static CelValue Multiply(in CelValue l, in CelValue r, ICelBudget budget)
    {
        switch (l.Kind, r.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                var product = (Int128)l.AsInt * r.AsInt;
                return product < long.MinValue || product > long.MaxValue ? Overflow() : CelValue.Of((long)product);
            case (CelKind.Uint, CelKind.Uint):
                var large = (UInt128)l.AsUint * r.AsUint;
                return large > ulong.MaxValue ? Overflow() : CelValue.Of((ulong)large);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Of(l.AsDouble * r.AsDouble);
            default:
                return NoOverload("_*_", l, r);
        }
    }

    public static CelValue Divide(in CelValue l, in CelValue r, ICelBudget budget) => (l.Kind, r.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => r.AsInt == 0 ? DivideByZero() : l.AsInt == long.MinValue && r.AsInt == -1 ? Overflow() : CelValue.Of(l.AsInt / r.AsInt),
        (CelKind.Uint, CelKind.Uint) => r.AsUint == 0 ? DivideByZero() : CelValue.Of(l.AsUint / r.AsUint),
        (CelKind.Double, CelKind.Double) => CelValue.Of(l.AsDouble / r.AsDouble),
        _ => NoOverload("_/_", l, r),
    };

    public static CelValue Modulo(in CelValue l, in CelValue r, ICelBudget budget) => (l.Kind, r.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => r.AsInt == 0 ? ModuloZero() : l.AsInt == long.MinValue && r.AsInt == -1 ? Overflow() : CelValue.Of(l.AsInt % r.AsInt),
        (CelKind.Uint, CelKind.Uint) => r.AsUint == 0 ? ModuloZero() : CelValue.Of(l.AsUint % r.AsUint),
        _ => NoOverload("_%_", l, r),
    };

    public static CelValue Negate(in CelValue value) => value.Kind switch
    {
        CelKind.Int => value.AsInt == long.MinValue ? Overflow() : CelValue.Of(-value.AsInt),
        CelKind.Double => CelValue.Of(-value.AsDouble),
        CelKind.Error => value,
        _ => NoOverload("-_", value),
    };

    public static CelValue NoOverload(string function, params ReadOnlySpan<CelValue> arguments)
    {
        var types = new List<string>(arguments.Length);
        foreach (ref readonly var argument in arguments)
        {
            types.Add(CelType.Of(argument).Name);
        }

        return CelValue.Error(CelErrorCode.NoSuchOverload, $"no such overload: {Spell(function)} applied to ({string.Join(", ", types)})");
    }

    private static CelValue Overflow() => CelValue.Error(CelErrorCode.Overflow, "integer overflow");

    private static CelValue DivideByZero() => CelValue.Error(CelErrorCode.DivideByZero, "divide by zero");

    private static CelValue ModuloZero() => CelValue.Error(CelErrorCode.DivideByZero, "modulus by zero");
}
