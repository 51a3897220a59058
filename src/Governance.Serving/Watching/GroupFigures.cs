using Governance.Checks.Statistics;
using Governance.Core.Evidence;
using Governance.Core.Serving;

namespace Governance.Serving.Watching;

/// <summary>How a group fares in a window, beside the first group of its attribute. Immutable; everything but the names is null where too few rows are known.</summary>
/// <param name="Rows">Rows whose caller gave the group.</param>
/// <param name="ApprovalRate">Share of them decided favourably.</param>
/// <param name="ImpactRatio">Adverse impact ratio: its approval rate by that of the first group, which has none.</param>
/// <param name="Interval">Katz's 95 % interval of the ratio.</param>
public sealed record GroupFigure(string Attribute, string Level, long? Rows = null, double? ApprovalRate = null, double? ImpactRatio = null, Interval? Interval = null);

/// <summary>How past decisions about a group turned out, beside the first group of its attribute. Immutable; null where too little is known.</summary>
/// <param name="Labelled">Decisions with an outcome.</param>
/// <param name="TruePositiveRate">Share of label 1 that was foretold; of label 0 that was not, the false positive rate.</param>
/// <param name="TruePositiveGap">Its rate less that of the first group.</param>
public sealed record GroupOutcome(
    string Attribute, string Level, long? Labelled = null, double? TruePositiveRate = null, double? FalsePositiveRate = null, double? TruePositiveGap = null, double? FalsePositiveGap = null);

/// <summary>A past decision and what became of it.</summary>
/// <param name="Groups">Of its payload, by attribute.</param>
/// <param name="Predicted">The label the score foretold.</param>
public readonly record struct LabelledDecision(IReadOnlyDictionary<string, string> Groups, bool Predicted, bool Label);

/// <summary>Figures by group. Pure. What is about fewer than <see cref="ArmFigures.FewestRows"/> rows is hidden, with the next larger group where the rest would tell it.</summary>
public static class GroupFigures
{
    private const double Level = 0.95;

    public static IReadOnlyList<GroupFigure> Of(IReadOnlyList<GroupAttribute> attributes, GroupCounts counts) => [.. attributes.SelectMany(attribute =>
    {
        var known = attribute.Levels.Select(l => counts.Counts.GetValueOrDefault(new GroupKey(attribute.Name, l))).ToArray();
        var hidden = Hidden([.. known.Select(k => k.Rows)]);
        var reference = hidden[0] ? default : known[0];
        return attribute.Levels.Select((level, i) => hidden[i]
            ? new GroupFigure(attribute.Name, level)
            : new GroupFigure(attribute.Name, level, known[i].Rows, Rate(known[i]), i > 0 && Rate(reference) > 0 ? Rate(known[i]) / Rate(reference) : null,
                i > 0 && reference.Rows > 0 ? Proportion.Katz(Favourable(known[i]), known[i].Rows, Favourable(reference), reference.Rows, Level) : null));
    })];

    public static IReadOnlyList<GroupOutcome> Of(IReadOnlyList<GroupAttribute> attributes, IReadOnlyCollection<LabelledDecision> decisions) => [.. attributes.SelectMany(attribute =>
    {
        var known = attribute.Levels.Select(l => decisions.Where(d => d.Groups.GetValueOrDefault(attribute.Name) == l).ToArray()).ToArray();
        var hidden = Hidden([.. known.Select(k => (long)k.Length)]);
        var (trueOfFirst, falseOfFirst) = hidden[0] ? default : (Rate(known[0], label: true), Rate(known[0], label: false));
        return attribute.Levels.Select((level, i) => hidden[i]
            ? new GroupOutcome(attribute.Name, level)
            : new GroupOutcome(attribute.Name, level, known[i].Length, Rate(known[i], label: true), Rate(known[i], label: false),
                i > 0 ? Rate(known[i], label: true) - trueOfFirst : null, i > 0 ? Rate(known[i], label: false) - falseOfFirst : null));
    })];

    /// <summary>Groups that are too small, and the smallest others until what is hidden is together large enough.</summary>
    private static bool[] Hidden(long[] rows)
    {
        var hidden = new bool[rows.Length];
        long together = 0;
        foreach (var i in Enumerable.Range(0, rows.Length).Where(i => rows[i] > 0).OrderBy(i => rows[i]).TakeWhile(i => rows[i] < ArmFigures.FewestRows || together is > 0 and < ArmFigures.FewestRows))
        {
            hidden[i] = true;
            together += rows[i];
        }

        return [.. hidden.Select((h, i) => h || rows[i] == 0)];
    }

    private static long Favourable(GroupCount count) => count.Rows - count.Adverse;

    private static double? Rate(GroupCount count) => count.Rows == 0 ? null : (double)Favourable(count) / count.Rows;

    /// <summary>Share of a label's decisions that foretold 1; null below the fewest.</summary>
    private static double? Rate(LabelledDecision[] decisions, bool label)
    {
        var of = Array.FindAll(decisions, d => d.Label == label);
        return of.Length < ArmFigures.FewestRows ? null : (double)of.Count(d => d.Predicted) / of.Length;
    }
}
