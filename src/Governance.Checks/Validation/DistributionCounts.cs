using Governance.Checks.Tallies;
using Governance.Data;

namespace Governance.Checks.Validation;

/// <summary>Counts the values of the score and of every feature in training and evaluation data: what checks of stability and drift share.</summary>
internal static class DistributionCounts
{
    public const int Training = 0;
    public const int Evaluation = 1;
    public const int Width = 2;

    /// <summary>Slot of the score; feature <c>f</c> has slot <c>f + 1</c>.</summary>
    public const int ScoreSlot = 0;

    public static string? Lacks(CheckInput input) =>
        input.Training is null ? "No training data is registered." : input.Training.RowCount == 0 ? "The training data has no rows." : null;

    public static void Count(CheckInput input, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var share = TrainingRows.Of(input, rows);
        CountScores(tally.Map(ScoreSlot, Width), input.TrainingScoresOf(share).Span, Training);
        CountScores(tally.Map(ScoreSlot, Width), input.EvaluationScoresOf(rows).Span, Evaluation);
        for (var f = 0; f < input.Model.Features.Count; f++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var map = tally.Map(f + 1, Width);
            CountValues(map, input.Training!, input.Model.Features[f], share, Training);
            CountValues(map, input.Evaluation, input.Model.Features[f], rows, Evaluation);
        }
    }

    private static void CountScores(CountMapBuilder map, ReadOnlySpan<double> scores, int column)
    {
        foreach (var score in scores)
        {
            map.Add(score, column);
        }
    }

    private static void CountValues(CountMapBuilder map, DataTable table, string feature, RowRange rows, int column)
    {
        foreach (var value in ((Float32Column)table[feature]).Values.Span.Slice(rows.Start, rows.Count))
        {
            map.Add(value, column);
        }
    }
}
