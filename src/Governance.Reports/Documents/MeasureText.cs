using System.Globalization;
using Governance.Core.Evidence;

namespace Governance.Reports.Documents;

/// <summary>How a measure reads: snake_case names become words, intervals say their level and method.</summary>
public static class MeasureText
{
    private static readonly HashSet<string> Acronyms = new(StringComparer.Ordinal)
    {
        "auc", "ks", "psi", "csi", "tpr", "fpr", "fnr", "tnr", "ppv", "npv", "roc", "pr", "mia", "onnx", "smd", "air", "ece", "mcc",
    };

    /// <summary><c>adverse_impact_ratio</c> reads "Adverse impact ratio", <c>auc</c> reads "AUC".</summary>
    public static string Name(string name)
    {
        var words = name.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(w => Acronyms.Contains(w) ? w.ToUpperInvariant() : w);
        var text = string.Join(' ', words);
        return text.Length == 0 ? name : string.Concat(text[..1].ToUpperInvariant(), text.AsSpan(1));
    }

    /// <summary><c>feature=age</c> reads "age"; <c>sex=female</c> stays; no group is all rows.</summary>
    public static string Group(string? group) =>
        group is null ? "all rows" : group.StartsWith("feature=", StringComparison.Ordinal) ? group["feature=".Length..] : group;

    public static string Value(Measure measure) => measure.Value is { } value ? NumberText.Number(value) : NumberText.None;

    /// <summary><c>[0.7345, 0.8495] 95% DeLong</c>; empty without an interval.</summary>
    public static string Interval(Measure measure) => $"{Bounds(measure)} {(measure.Lower is null ? "" : IntervalKind(measure))}".Trim();

    /// <summary><c>[0.7345, 0.8495]</c>; empty without an interval.</summary>
    public static string Bounds(Measure measure) =>
        measure is { Lower: { } lower, Upper: { } upper } ? $"[{NumberText.Number(lower)}, {NumberText.Number(upper)}]" : "";

    /// <summary>Level and method: <c>95% DeLong</c>.</summary>
    public static string IntervalKind(Measure measure)
    {
        var level = measure.Level is { } l ? Level(l) : "";
        return $"{level} {measure.Interval}".Trim();
    }

    /// <summary>0.95 reads "95%".</summary>
    public static string Level(double level) => (level * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    public static string Status(MeasureStatus status) => status switch
    {
        MeasureStatus.Insufficient => "insufficient data",
        MeasureStatus.Undefined => "undefined",
        _ => "",
    };

    /// <summary>Name, value and interval in one line.</summary>
    public static string Describe(Measure measure) => $"{Name(measure.Name)} {Value(measure)} {Interval(measure)}".TrimEnd();
}
