using System.Globalization;
using Governance.Core.Evidence;

namespace Governance.Reports.Documents;

/// <summary>How numbers and times are printed, everywhere: invariant culture, UTC, enough digits and no more.</summary>
public static class NumberText
{
    /// <summary>Printed for no value.</summary>
    public const string None = "–";

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Four decimals below 10, fewer above; exponent form below 0.0001.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 1e-4 => value.ToString("0.0e-00", Culture),
        < 10 => value.ToString("0.0000", Culture),
        < 1000 => value.ToString("0.00", Culture),
        < 1e12 => value.ToString("N0", Culture),
        _ => value.ToString("0.000e+00", Culture),
    };

    /// <summary>For labels in charts: two decimals, more only where two would be nothing.</summary>
    public static string Brief(double value) =>
        value != 0 && Math.Abs(value) < 0.01 ? Number(value) : Math.Abs(value) < 1000 ? value.ToString("0.00", Culture) : Number(value);

    public static string Whole(double value) => value.ToString("N0", Culture);

    public static string Whole(long value) => value.ToString("N0", Culture);

    /// <param name="share">A share of 1.</param>
    public static string Percent(double share) => (share * 100).ToString("0.0", Culture) + "%";

    public static string PValue(double p) => p < 0.001 ? "<0.001" : p.ToString("0.000", Culture);

    /// <summary><c>20 November 2026, 21:59:47 UTC</c>.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("d MMMM yyyy, HH:mm:ss 'UTC'", Culture);

    public static string Date(DateOnly date) => date.ToString("d MMMM yyyy", Culture);

    /// <summary>A table cell in its column's format (<see cref="Column.Format"/>).</summary>
    public static string Cell(Cell cell, string format) => cell.Number is not { } number ? cell.Text ?? None : format switch
    {
        "integer" => Whole(number),
        "percent" => Percent(number),
        "pvalue" => PValue(number),
        _ => Number(number),
    };
}
