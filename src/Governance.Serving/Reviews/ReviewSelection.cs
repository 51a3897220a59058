using Governance.Core.Serving;

namespace Governance.Serving.Reviews;

/// <summary>Which decisions of an answer wait for a person. Pure.</summary>
internal static class ReviewSelection
{
    /// <summary>For each row whether it does; null when none does.</summary>
    public static bool[]? Of(ReviewRule? rule, ReadOnlySpan<double> scores, ReadOnlySpan<string> decisions, double threshold)
    {
        if (rule is null)
        {
            return null;
        }

        var waits = new bool[scores.Length];
        var any = false;
        for (var row = 0; row < waits.Length; row++)
        {
            any |= waits[row] = rule.When switch
            {
                ReviewWhen.Adverse => decisions[row] == Decisions.Adverse,
                ReviewWhen.NearCutoff => Math.Abs(scores[row] - threshold) <= rule.Width,
                _ => true,
            };
        }

        return any ? waits : null;
    }
}
