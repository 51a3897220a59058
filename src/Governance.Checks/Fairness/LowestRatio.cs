using Governance.Checks.Statistics;
using Governance.Core.Evidence;

namespace Governance.Checks.Fairness;

/// <summary>The lowest adverse impact ratio of a result as a figure of its own, which policies read.</summary>
internal static class LowestRatio
{
    /// <summary>Adds <c>min_adverse_impact_ratio</c> over the ratios found so far. Returns the ratio it repeats; null when none has a value.</summary>
    /// <param name="none">What to say when none has.</param>
    /// <param name="group">What the figure is about; null for everything.</param>
    /// <param name="prefix">Only groups whose name begins so.</param>
    /// <param name="kind">What the measures' names begin with: nothing, or <c>weighted_</c>.</param>
    public static Measure? Add(Figures figures, string none, string? group = null, string prefix = "", string kind = "")
    {
        var ratios = figures.All.Where(m => m.Name == $"{kind}adverse_impact_ratio" && m.Group!.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        if (ratios.Where(m => m.Value is not null).MinBy(m => m.Value) is not { } lowest)
        {
            figures.Insufficient($"{kind}min_adverse_impact_ratio", none, group);
            return null;
        }

        var missing = ratios.Count(m => m.Value is null);
        figures.Add($"{kind}min_adverse_impact_ratio", lowest.Value, group,
            lowest.Lower is { } l && lowest.Upper is { } u ? new Interval(l, u, lowest.Level!.Value, lowest.Interval!) : null, lowest.Count,
            lowest.PValue, lowest.AdjustedPValue, lowest.Test, $"Lowest of {ratios.Length - missing} groups: {lowest.Group}." + (missing > 0 ? $" {missing} groups have no figure." : ""));
        return lowest;
    }
}
