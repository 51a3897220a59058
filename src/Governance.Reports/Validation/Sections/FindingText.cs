using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>How findings read.</summary>
internal static class FindingText
{
    public static bool IsOpen(Finding finding) => finding.Status != "closed";

    /// <summary>"3: 1 high, 2 low"; "none".</summary>
    public static string CountOpen(IReadOnlyList<Finding> findings)
    {
        var open = findings.Where(IsOpen).ToList();
        var bySeverity = open.GroupBy(f => f.Severity).OrderBy(g => g.Key).Select(g => $"{g.Count()} {Name(g.Key)}");
        return open.Count == 0 ? "none" : $"{NumberText.Whole(open.Count)}: {string.Join(", ", bySeverity)}";
    }

    public static Badge Badge(FindingSeverity severity) => new(Name(severity), severity switch
    {
        FindingSeverity.Critical or FindingSeverity.High => Tone.Bad,
        FindingSeverity.Medium => Tone.Caution,
        _ => Tone.Neutral,
    });

    private static string Name(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Critical => "critical",
        FindingSeverity.High => "high",
        FindingSeverity.Medium => "medium",
        _ => "low",
    };
}
