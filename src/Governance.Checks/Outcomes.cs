using Governance.Checks.Tallies;
using Governance.Data;

namespace Governance.Checks;

/// <summary>Reads observed outcomes and counts scores by outcome.</summary>
internal static class Outcomes
{
    public const int Negative = 0;
    public const int Positive = 1;

    /// <summary>The outcome is missing or neither 0 nor 1.</summary>
    public const int Unlabelled = 2;

    public const int Width = 3;

    public static string? Lacks(DataTable table) => Column(table) is null ? "The data has no numeric label column." : null;

    /// <summary>The outcome of every row.</summary>
    public static Func<int, int> Of(DataTable table) => Column(table) switch
    {
        Float32Column c => row => Class(c.Values.Span[row]),
        Float64Column c => row => Class(c.Values.Span[row]),
        _ => _ => Unlabelled,
    };

    /// <summary>Counts the scores of some evaluation rows by outcome.</summary>
    public static void CountEvaluation(CheckInput input, RowRange rows, CountMapBuilder counts) =>
        CountScores(input.Evaluation, input.EvaluationScoresOf(rows).Span, rows, counts);

    /// <summary>Counts the scores of the shard's share of the training rows by outcome.</summary>
    public static void CountTraining(CheckInput input, RowRange rows, CountMapBuilder counts)
    {
        if (input.Training is { } training)
        {
            var share = TrainingRows.Of(input, rows);
            CountScores(training, input.TrainingScoresOf(share).Span, share, counts);
        }
    }

    private static void CountScores(DataTable table, ReadOnlySpan<double> scores, RowRange rows, CountMapBuilder counts)
    {
        var outcome = Of(table);
        for (var i = 0; i < rows.Count; i++)
        {
            counts.Add(scores[i], outcome(rows.Start + i));
        }
    }

    private static DataColumn? Column(DataTable table) =>
        table.WithRole(ColumnRole.Label).FirstOrDefault(c => c is Float32Column or Float64Column);

    private static int Class(double label) => label == 1 ? Positive : label == 0 ? Negative : Unlabelled;
}

/// <summary>Deals the training rows out to the shards of the evaluation rows.</summary>
internal static class TrainingRows
{
    /// <summary>The training rows a shard counts: the same fraction of them, so that a partition of the one is a partition of the other.</summary>
    public static RowRange Of(CheckInput input, RowRange rows) => rows.Scaled(input.Evaluation.RowCount, input.Training?.RowCount ?? 0);
}
