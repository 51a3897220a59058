using System.Globalization;

namespace Governance.Policy.Cel;

/// <summary>Timestamps and durations: their text forms (RFC 3339; <c>1h45m47.5s</c>), arithmetic within range, and calendar fields in a time zone.</summary>
internal static class CelTime
{
    /// <summary>0001-01-01T00:00:00Z.</summary>
    public const long MinSeconds = -62135596800;

    /// <summary>9999-12-31T23:59:59Z.</summary>
    public const long MaxSeconds = 253402300799;

    public const long NanosPerSecond = 1_000_000_000;

    private static readonly (string Unit, long Nanos)[] Units =
    [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000),
        ("s", NanosPerSecond), ("m", 60 * NanosPerSecond), ("h", 3600 * NanosPerSecond),
    ];

    public static CelValue ParseTimestamp(string text)
    {
        var error = CelValue.Error(CelErrorCode.InvalidArgument, "a timestamp is written as in RFC 3339: 2026-11-20T09:30:00Z");
        var t = text.AsSpan();
        if (t.Length < 20 || t[4] != '-' || t[7] != '-' || t[10] is not ('T' or 't') || t[13] != ':' || t[16] != ':'
            || !Number(t[..4], out var year) || !Number(t[5..7], out var month) || !Number(t[8..10], out var day)
            || !Number(t[11..13], out var hour) || !Number(t[14..16], out var minute) || !Number(t[17..19], out var second))
        {
            return error;
        }

        var at = 19;
        var nanos = 0;
        if (t[at] == '.')
        {
            var digits = 0;
            for (at++; at < t.Length && char.IsAsciiDigit(t[at]); at++, digits++)
            {
                nanos = digits < 9 ? (nanos * 10) + (t[at] - '0') : nanos;
            }

            if (digits == 0)
            {
                return error;
            }

            for (; digits < 9; digits++)
            {
                nanos *= 10;
            }
        }

        if (at == t.Length || !TryOffset(t[at..], out var offset) || year == 0)
        {
            return year == 0 ? CelValue.Error(CelErrorCode.Overflow, "timestamp out of range (years 1 to 9999)") : error;
        }

        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return error;
        }

        var local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        return CelValue.Timestamp(((local.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) - offset, nanos);
    }

    public static string TimestampText(in CelValue value)
    {
        var text = AtUtc(value.Seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return value.Nanos == 0 ? text + "Z" : text + "." + value.Nanos.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0') + "Z";
    }

    public static CelValue ParseDuration(string text)
    {
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return CelValue.Duration(0);
        }

        Int128 total = 0;
        var any = false;
        while (!rest.IsEmpty)
        {
            var length = rest.IndexOfAnyExceptInRange('0', '9');
            var fraction = ReadOnlySpan<char>.Empty;
            var whole = length < 0 ? rest : rest[..length];
            rest = length < 0 ? [] : rest[length..];
            if (rest.StartsWith("."))
            {
                rest = rest[1..];
                length = rest.IndexOfAnyExceptInRange('0', '9');
                fraction = length < 0 ? rest : rest[..length];
                rest = length < 0 ? [] : rest[length..];
            }

            if (whole.Length + fraction.Length == 0 || whole.Length > 18 || !TakeUnit(ref rest, out var unit))
            {
                return CelValue.Error(CelErrorCode.InvalidArgument, "a duration is numbers with units: 1h45m47.5s (h, m, s, ms, us, ns)");
            }

            total += (whole.IsEmpty ? 0 : Int128.Parse(whole, NumberStyles.None, CultureInfo.InvariantCulture)) * unit;
            var scale = unit;
            foreach (var digit in fraction)
            {
                scale /= 10;
                total += (digit - '0') * scale;
            }

            any = true;
            if (total > (Int128)long.MaxValue + 1)
            {
                return DurationRange();
            }
        }

        return any ? DurationOf(negative ? -total : total) : CelValue.Error(CelErrorCode.InvalidArgument, "an empty text is no duration");
    }

    /// <summary>Seconds with the shortest fraction: <c>6347s</c>, <c>1.5s</c>.</summary>
    public static string DurationText(long nanos)
    {
        var magnitude = Int128.Abs(nanos);
        var (seconds, rest) = ((long)(magnitude / NanosPerSecond), (long)(magnitude % NanosPerSecond));
        var sign = nanos < 0 ? "-" : "";
        var fraction = rest == 0 ? "" : "." + rest.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{seconds}{fraction}s");
    }

    public static CelValue DurationOf(Int128 nanos) =>
        nanos < long.MinValue || nanos > long.MaxValue ? DurationRange() : CelValue.Duration((long)nanos);

    public static CelValue Add(in CelValue timestamp, Int128 nanos)
    {
        var total = ((Int128)timestamp.Seconds * NanosPerSecond) + timestamp.Nanos + nanos;
        var seconds = total / NanosPerSecond;
        var rest = total % NanosPerSecond;
        if (rest < 0)
        {
            rest += NanosPerSecond;
            seconds--;
        }

        return CelValue.Timestamp((long)seconds, (int)rest);
    }

    public static CelValue Subtract(in CelValue left, in CelValue right) =>
        DurationOf(((Int128)(left.Seconds - right.Seconds) * NanosPerSecond) + (left.Nanos - right.Nanos));

    /// <summary>The local calendar time in a zone: an IANA name, <c>UTC</c>, or an offset such as <c>+11:00</c>.</summary>
    public static bool TryLocal(in CelValue timestamp, string zone, out DateTime local)
    {
        var utc = AtUtc(timestamp.Seconds);
        local = utc;
        if (zone is "UTC" or "Z" or "" or "GMT")
        {
            return true;
        }

        if (zone.Contains(':', StringComparison.Ordinal))
        {
            var signed = zone[0] is '+' or '-' ? zone : "+" + zone;
            return TryOffset(signed, out var offset) && TryShift(utc, TimeSpan.FromSeconds(offset), out local);
        }

        return zone.Length <= 64 && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var info) && TryShift(utc, info.GetUtcOffset(utc), out local);
    }

    private static bool TryShift(DateTime utc, TimeSpan offset, out DateTime local)
    {
        var ticks = Math.Clamp(utc.Ticks + offset.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks);
        local = new DateTime(ticks, DateTimeKind.Unspecified);
        return true;
    }

    private static DateTime AtUtc(long seconds) => DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond);

    private static bool Number(ReadOnlySpan<char> digits, out int value) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool TryOffset(ReadOnlySpan<char> text, out long seconds)
    {
        seconds = 0;
        if (text is "Z" or "z")
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !Number(text[1..3], out var hours) || !Number(text[4..], out var minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        seconds = ((hours * 60) + minutes) * 60 * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TakeUnit(ref ReadOnlySpan<char> rest, out long nanos)
    {
        foreach (var (unit, value) in Units)
        {
            var ambiguous = unit == "m" && rest.StartsWith("ms");
            if (rest.StartsWith(unit, StringComparison.Ordinal) && !ambiguous)
            {
                rest = rest[unit.Length..];
                nanos = value;
                return true;
            }
        }

        nanos = 0;
        return false;
    }

    private static CelValue DurationRange() => CelValue.Error(CelErrorCode.Overflow, "duration out of range (about 292 years)");
}
