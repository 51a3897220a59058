using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Core.Evidence;

namespace Governance.Checks.Privacy;

/// <summary>How well an attack tells members (positives) from others (negatives): what the membership checks report.</summary>
internal static class AttackFigures
{
    private static readonly (double Rate, string Name)[] Targets = [(0.01, "tpr_at_fpr_1pct"), (0.001, "tpr_at_fpr_0_1pct")];

    /// <summary>AUC, then the true positive rates at 1 and 0.1 percent. Returns the three measures.</summary>
    public static (Measure Auc, Measure At1, Measure At01) Add(Figures figures, ScoreCounts counts, double level, string? group = null)
    {
        var auc = Ranking.Auc(counts);
        var attack = counts.HasBothClasses
            ? figures.Add("attack_auc", auc.Value, group, auc.Interval(level), counts.Total)
            : figures.Undefined("attack_auc", "There are no labelled members or no labelled non-members.", group, counts.Total);
        return (attack, AddRate(figures, counts, Targets[0], level, group), AddRate(figures, counts, Targets[1], level, group));
    }

    private static Measure AddRate(Figures figures, ScoreCounts counts, (double Rate, string Name) target, double level, string? group)
    {
        if (!counts.HasBothClasses || counts.TotalNegatives * target.Rate < 1)
        {
            return figures.Insufficient(target.Name, string.Create(CultureInfo.InvariantCulture,
                $"A false positive rate of {target.Rate} needs at least {Math.Ceiling(1 / target.Rate)} non-members and one member; there are {counts.TotalNegatives} and {counts.TotalPositives}."),
                group, counts.TotalPositives);
        }

        long members = 0, others = 0, found = 0;
        for (var i = counts.Scores.Length - 1; i >= 0; i--)
        {
            members += counts.Positives[i];
            others += counts.Negatives[i];
            if (others > target.Rate * counts.TotalNegatives)
            {
                break;
            }

            found = members;
        }

        return figures.Add(target.Name, (double)found / counts.TotalPositives, group, Proportion.ClopperPearson(found, counts.TotalPositives, level), counts.TotalPositives);
    }
}
