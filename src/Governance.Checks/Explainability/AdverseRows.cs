namespace Governance.Checks.Explainability;

/// <summary>The sampled rows of a shard that are decided adversely: those who are owed reasons.</summary>
internal static class AdverseRows
{
    /// <summary>Row numbers, ascending.</summary>
    public static int[] In(CheckContext context, SampledRows sample, RowRange rows) =>
    [
        .. sample.PositionsIn(rows)
            .Select(p => sample[p])
            .Where(row => Explanation.IsAdverse(context.Input, context.Input.EvaluationScoresOf(new RowRange(row, 1)).Span[0])),
    ];

    public const string NobodyFavoured = "Nobody is decided favourably, so there is no applicant at the cutoff to compare with.";
}
