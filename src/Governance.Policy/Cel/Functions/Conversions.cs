using System.Globalization;

namespace Governance.Policy.Cel;

/// <summary><c>int(x)</c>, <c>string(x)</c> and the like, <c>type</c>, <c>dyn</c> and <c>size</c>.</summary>
internal static class Conversions
{
    public static void AddTo(FunctionTable table)
    {
        var a = CelType.Parameter("A");
        var b = CelType.Parameter("B");
        table.Global("dyn", CelType.Dyn, a, (in CelValue v) => v);
        table.Global("type", CelType.TypeOf(a), a, (in CelValue v) => CelValue.Of(CelType.Of(v)));
        foreach (var (type, size) in ((CelType, CelUnaryFunction)[])
        [
            (CelType.String, (in CelValue v) => CelValue.Of((long)CelText.CountCodePoints(v.AsString))),
            (CelType.Bytes, (in CelValue v) => CelValue.Of((long)v.AsBytes.Length)),
            (CelType.ListOf(a), (in CelValue v) => CelValue.Of((long)v.AsList.Count)),
            (CelType.MapOf(a, b), (in CelValue v) => CelValue.Of((long)v.AsMap.Count)),
        ])
        {
            table.Global("size", CelType.Int, type, size);
            table.Member("size", CelType.Int, type, size);
        }

        foreach (var (name, type) in ((string, CelType)[])
        [
            ("bool", CelType.Bool), ("int", CelType.Int), ("uint", CelType.Uint), ("double", CelType.Double), ("string", CelType.String),
            ("bytes", CelType.Bytes), ("timestamp", CelType.Timestamp), ("duration", CelType.Duration),
        ])
        {
            table.Global(name, type, type, (in CelValue v) => v);
        }

        table.Global("bool", CelType.Bool, CelType.String, (in CelValue v) => ToBool(v.AsString));
        table.Global("int", CelType.Int, CelType.Uint, (in CelValue v) => v.AsUint > long.MaxValue ? Range("int") : CelValue.Of((long)v.AsUint));
        table.Global("int", CelType.Int, CelType.Double, (in CelValue v) =>
            v.AsDouble is > -9223372036854775808.0 and < 9223372036854775808.0 ? CelValue.Of((long)v.AsDouble) : Range("int"));
        table.Global("int", CelType.Int, CelType.String, (in CelValue v) =>
            long.TryParse(v.AsString, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? CelValue.Of(i) : NotA("int"));
        table.Global("int", CelType.Int, CelType.Timestamp, (in CelValue v) => CelValue.Of(v.Seconds));
        table.Global("uint", CelType.Uint, CelType.Int, (in CelValue v) => v.AsInt < 0 ? Range("uint") : CelValue.Of((ulong)v.AsInt));
        table.Global("uint", CelType.Uint, CelType.Double, (in CelValue v) =>
            v.AsDouble is >= 0 and < 18446744073709551616.0 ? CelValue.Of((ulong)v.AsDouble) : Range("uint"));
        table.Global("uint", CelType.Uint, CelType.String, (in CelValue v) =>
            ulong.TryParse(v.AsString, NumberStyles.None, CultureInfo.InvariantCulture, out var u) ? CelValue.Of(u) : NotA("uint"));
        table.Global("double", CelType.Double, CelType.Int, (in CelValue v) => CelValue.Of((double)v.AsInt));
        table.Global("double", CelType.Double, CelType.Uint, (in CelValue v) => CelValue.Of((double)v.AsUint));
        table.Global("double", CelType.Double, CelType.String, (in CelValue v) => ToDouble(v.AsString));
        foreach (var type in (CelType[])[CelType.Bool, CelType.Int, CelType.Uint, CelType.Double, CelType.Timestamp, CelType.Duration])
        {
            table.Global("string", CelType.String, type, (in CelValue v) => CelValue.Of(CelText.Display(v)));
        }

        table.Global("string", CelType.String, CelType.Bytes, (in CelValue v) => ToText(v.AsBytes));
        table.Global("bytes", CelType.Bytes, CelType.String, (in CelValue v) => CelValue.Of(CelText.Utf8.GetBytes(v.AsString)));
        table.Global("timestamp", CelType.Timestamp, CelType.String, (in CelValue v) => CelTime.ParseTimestamp(v.AsString));
        table.Global("timestamp", CelType.Timestamp, CelType.Int, (in CelValue v) => CelValue.Timestamp(v.AsInt));
        table.Global("duration", CelType.Duration, CelType.String, (in CelValue v) => CelTime.ParseDuration(v.AsString));
    }

    private static CelValue ToBool(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => CelValue.True,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => CelValue.False,
        _ => NotA("bool"),
    };

    private static CelValue ToDouble(string text)
    {
        var unsigned = text.AsSpan(text.Length > 0 && text[0] is '+' or '-' ? 1 : 0);
        if (unsigned.Equals("inf", StringComparison.OrdinalIgnoreCase) || unsigned.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            return CelValue.Of(text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity);
        }

        if (unsigned.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            return CelValue.Of(double.NaN);
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out var d)
            ? double.IsFinite(d) ? CelValue.Of(d) : Range("double")
            : NotA("double");
    }

    private static CelValue ToText(byte[] bytes)
    {
        try
        {
            return CelValue.Of(CelText.Utf8.GetString(bytes));
        }
        catch (ArgumentException)
        {
            return CelValue.Error(CelErrorCode.InvalidArgument, "invalid UTF-8 in bytes, cannot convert to string");
        }
    }

    private static CelValue Range(string type) => CelValue.Error(CelErrorCode.Overflow, $"number out of range of {type}");

    private static CelValue NotA(string type) => CelValue.Error(CelErrorCode.InvalidArgument, $"Type conversion error: the text is no {type}");
}
