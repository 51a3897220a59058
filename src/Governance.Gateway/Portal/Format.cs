using System.Globalization;
using Governance.Core.Evidence;

namespace Governance.Gateway.Portal;

/// <summary>Numbers and times as the pages print them: invariant, in UTC.</summary>
internal static class Format
{
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Machine(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture).Replace(',', '\u202f');

    /// <summary>Four significant digits at most; very small and very large numbers in powers of ten.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 0.0001 or >= 1e7 => value.ToString("0.##e+0", CultureInfo.InvariantCulture),
        < 10 => value.ToString("0.####", CultureInfo.InvariantCulture),
        < 1000 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("#,0.#", CultureInfo.InvariantCulture).Replace(',', '\u202f'),
    };

    public static string PValue(double value) => value < 0.001 ? "< 0.001" : value.ToString("0.###", CultureInfo.InvariantCulture);

    public static string Cell(Cell cell, string format) => cell switch
    {
        { Text: { } text } => text,
        { Number: { } number } => format switch
        {
            "integer" => Count((long)Math.Round(number)),
            "percent" => number.ToString("P1", CultureInfo.InvariantCulture),
            "pvalue" => PValue(number),
            _ => Number(number),
        },
        _ => "–",
    };
}
