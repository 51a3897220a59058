using System.Globalization;
using System.Numerics;
using System.Text;

namespace Governance.Policy.Cel;

/// <summary>
/// <c>"%d of %s".format([1, 'x'])</c>: clauses <c>s d f e b o x X</c> and <c>%%</c>, with a precision for <c>f</c> and <c>e</c> (default 6).
/// Doubles are rounded exactly, halves to even.
/// </summary>
internal static class TextFormat
{
    private const int MaxPrecision = 1_000;

    public static CelValue Format(string format, CelList arguments, ICelBudget budget)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                text.Append(format[at]);
                continue;
            }

            if (++at < format.Length && format[at] == '%')
            {
                text.Append('%');
                continue;
            }

            var precision = 6;
            if (at < format.Length && format[at] == '.')
            {
                var digits = at + 1;
                for (at++; at < format.Length && char.IsAsciiDigit(format[at]); at++)
                {
                }

                if (!int.TryParse(format.AsSpan(digits, at - digits), NumberStyles.None, CultureInfo.InvariantCulture, out precision) || precision > MaxPrecision)
                {
                    return Error($"could not parse formatting clause: the precision is a number up to {MaxPrecision}");
                }
            }

            if (at >= format.Length)
            {
                return Error("could not parse formatting clause: the format ends after '%'");
            }

            if (!"sdfeboxX".Contains(format[at], StringComparison.Ordinal))
            {
                return Error($"could not parse formatting clause: unrecognized formatting clause \"{format[at]}\"");
            }

            if (next >= arguments.Count)
            {
                return Error($"index {next} out of range");
            }

            var argument = arguments[next++];
            budget.Charge(CelSize.Of(argument) + (precision / 16));
            if (Clause(format[at], precision, argument) is not { } formatted)
            {
                return Error($"error during formatting: %{format[at]} {Takes(format[at])}, was given {CelType.Of(argument).Name}");
            }

            text.Append(formatted);
        }

        budget.Charge(text.Length / 16);
        return CelValue.Of(text.ToString());
    }

    private static string Takes(char clause) => clause switch
    {
        's' => "clause takes values that have a text",
        'd' => "decimal clause can only be used on integers",
        'b' => "only integers and bools can be formatted as binary",
        'o' => "octal clause can only be used on integers",
        'x' or 'X' => "only integers, byte buffers, and strings can be formatted as hex",
        _ => "fixed-point and scientific clauses can only be used on numbers",
    };

    private static string? Clause(char clause, int precision, in CelValue value) => clause switch
    {
        's' => value.Kind is CelKind.Error or CelKind.Absent ? null : CelText.Display(value),
        'd' => value.Kind is CelKind.Int or CelKind.Uint || (value.Kind == CelKind.Double && !double.IsFinite(value.AsDouble)) ? CelText.Display(value) : null,
        'b' => value.Kind == CelKind.Bool ? value.AsBool ? "1" : "0" : Radix(value, n => n.ToString("B", CultureInfo.InvariantCulture)),
        'o' => Radix(value, Octal),
        'x' => Hex(value, upper: false),
        'X' => Hex(value, upper: true),
        _ => value.IsNumber ? Real(clause, precision, value.ToDouble()) : null,
    };

    private static string? Radix(in CelValue value, Func<UInt128, string> digits) => value.Kind switch
    {
        CelKind.Int => (value.AsInt < 0 ? "-" : "") + Trimmed(digits((UInt128)Int128.Abs(value.AsInt))),
        CelKind.Uint => Trimmed(digits(value.AsUint)),
        _ => null,
    };

    private static string Trimmed(string digits) => digits.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0";

    private static string Octal(UInt128 value)
    {
        var digits = new StringBuilder();
        for (; value > 0; value /= 8)
        {
            digits.Insert(0, (char)('0' + (int)(value % 8)));
        }

        return digits.ToString();
    }

    private static string? Hex(in CelValue value, bool upper)
    {
        var text = value.Kind switch
        {
            CelKind.String => Convert.ToHexStringLower(CelText.Utf8.GetBytes(value.AsString)),
            CelKind.Bytes => Convert.ToHexStringLower(value.AsBytes),
            _ => Radix(value, n => n.ToString("x", CultureInfo.InvariantCulture)),
        };
        return upper ? text?.ToUpperInvariant() : text;
    }

    private static string Real(char clause, int precision, double value)
    {
        if (!double.IsFinite(value))
        {
            return CelText.Double(value);
        }

        var sign = double.IsNegative(value) ? "-" : "";
        var magnitude = Math.Abs(value);
        if (clause == 'f')
        {
            return sign + Point(Scaled(magnitude, precision), precision);
        }

        var exponent = magnitude == 0 ? 0 : int.Parse(magnitude.ToString("E16", CultureInfo.InvariantCulture).Split('E')[1], CultureInfo.InvariantCulture);
        var digits = Scaled(magnitude, precision - exponent);
        if (digits >= BigInteger.Pow(10, precision + 1))
        {
            exponent++;
            digits = Scaled(magnitude, precision - exponent);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{sign}{Point(digits, precision)}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):D2}");
    }

    /// <summary>value × 10^places as an integer, exactly rounded, halves to even.</summary>
    private static BigInteger Scaled(double value, int places)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7ff);
        var mantissa = bits & 0xfffffffffffff;
        var numerator = (BigInteger)(exponent == 0 ? mantissa : mantissa | (1L << 52));
        var power = Math.Max(exponent, 1) - 1075;
        var denominator = BigInteger.One;
        numerator *= places > 0 ? BigInteger.Pow(10, places) : 1;
        denominator *= places < 0 ? BigInteger.Pow(10, -places) : 1;
        numerator <<= Math.Max(power, 0);
        denominator <<= Math.Max(-power, 0);
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        var twice = (rest << 1).CompareTo(denominator);
        return twice > 0 || (twice == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static string Point(BigInteger digits, int precision)
    {
        var text = digits.ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        return precision == 0 ? text : $"{text[..^precision]}.{text[^precision..]}";
    }

    private static CelValue Error(string message) => CelValue.Error(CelErrorCode.InvalidArgument, message);
}
