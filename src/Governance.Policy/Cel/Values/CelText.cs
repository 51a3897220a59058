using System.Globalization;
using System.Text;

namespace Governance.Policy.Cel;

/// <summary>The text forms of values: what <c>string(x)</c> and <c>format("%s")</c> give.</summary>
internal static class CelText
{
    /// <summary>Strict UTF-8: refuses invalid bytes instead of replacing them.</summary>
    public static UTF8Encoding Utf8 { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The shortest digits that round-trip; with an exponent below 1e-4 and from 1e21 on.</summary>
    public static string Double(double value)
    {
        if (double.IsNaN(value))
        {
            return "NaN";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "Infinity" : "-Infinity";
        }

        var magnitude = Math.Abs(value);
        if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e21))
        {
            var text = value.ToString("E16", CultureInfo.InvariantCulture);
            var shortest = value.ToString("R", CultureInfo.InvariantCulture);
            var exponent = int.Parse(text.AsSpan(text.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            var mantissa = shortest.Split('E')[0].Replace(".", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Trim('0');
            var point = mantissa.Length > 1 ? "." + mantissa[1..] : "";
            return string.Create(CultureInfo.InvariantCulture, $"{(value < 0 ? "-" : "")}{mantissa[..1]}{point}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):D2}");
        }

        return value.ToString(magnitude >= 1e15 ? "F0" : "R", CultureInfo.InvariantCulture);
    }

    /// <summary>As people read it: strings bare, lists in brackets, maps sorted by key.</summary>
    public static string Display(in CelValue value) => value.Kind switch
    {
        CelKind.Null => "null",
        CelKind.Bool => value.AsBool ? "true" : "false",
        CelKind.Int => value.AsInt.ToString(CultureInfo.InvariantCulture),
        CelKind.Uint => value.AsUint.ToString(CultureInfo.InvariantCulture),
        CelKind.Double => Double(value.AsDouble),
        CelKind.String => value.AsString,
        CelKind.Bytes => Encoding.UTF8.GetString(value.AsBytes),
        CelKind.Timestamp => CelTime.TimestampText(value),
        CelKind.Duration => CelTime.DurationText(value.TotalNanos),
        CelKind.List => "[" + string.Join(", ", value.AsList.Items.ToArray().Select(i => Display(i))) + "]",
        CelKind.Map => "{" + string.Join(", ", value.AsMap.Entries.ToArray()
            .Select(e => (Key: Display(e.Key), Value: Display(e.Value))).OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}: {e.Value}")) + "}",
        CelKind.Type => value.AsType.Name,
        CelKind.Optional => value.HasValue ? $"optional({Display(value.Unwrapped)})" : "optional.none()",
        CelKind.Opaque => value.AsOpaque.ToString(),
        CelKind.Error => value.AsError.Message,
        _ => "",
    };

    public static int CountCodePoints(string text)
    {
        var count = text.Length;
        foreach (var c in text)
        {
            if (char.IsLowSurrogate(c))
            {
                count--;
            }
        }

        return count;
    }

    /// <summary>UTF-16 index of a code-point index; -1 when it lies outside 0..count.</summary>
    public static int Utf16Index(string text, long codePoint)
    {
        if (codePoint < 0 || codePoint > text.Length)
        {
            return -1;
        }

        var at = 0;
        for (; codePoint > 0; codePoint--)
        {
            if (at >= text.Length)
            {
                return -1;
            }

            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        }

        return at;
    }

    /// <summary>Code-point index of a UTF-16 index.</summary>
    public static int CodePointIndex(string text, int utf16) => CountCodePoints(text[..utf16]);
}
