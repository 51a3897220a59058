using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Data;

namespace Governance.Checks;

/// <summary>
/// What a check keeps of the rows of a dataset that declares weights: score and weight of single rows under the row's number (<see cref="RowValues"/>), nothing where no weight is
/// declared. A row whose weight is not a finite number above zero is left out.
/// </summary>
internal static class WeightedRows
{
    private static readonly int Width = RowValues.Width(2);

    public static bool Declared(CheckInput input) => Column(input) is not null;

    /// <summary>The weight of each row; NaN where it cannot be used. Only where weights are declared.</summary>
    public static Func<int, double> Weights(CheckInput input)
    {
        var values = Column(input)!.Values;
        return row => values.Span[row] is > 0 and < double.PositiveInfinity and var weight ? weight : double.NaN;
    }

    /// <summary>Keeps the rows for which a slot is named.</summary>
    /// <param name="slot">From the row's number, the slot it goes to; negative for none.</param>
    public static void Count(CheckInput input, RowRange rows, TallyBuilder tally, Func<int, int> slot)
    {
        if (!Declared(input))
        {
            return;
        }

        var scores = input.EvaluationScoresOf(rows).Span;
        var weights = Weights(input);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows.Start + i;
            if (slot(row) is >= 0 and var to && weights(row) is var weight && !double.IsNaN(weight) && !double.IsNaN(scores[i]))
            {
                RowValues.Add(tally.Map(to, Width), row, scores[i], weight);
            }
        }
    }

    /// <summary>Keeps labelled rows: label 0 in the first slot, label 1 in the one after it.</summary>
    public static void CountByLabel(CheckInput input, RowRange rows, TallyBuilder tally, int firstSlot)
    {
        var outcome = Outcomes.Of(input.Evaluation);
        Count(input, rows, tally, row => outcome(row) is var label && label == Outcomes.Unlabelled ? -1 : firstSlot + label);
    }

    /// <summary>What <see cref="CountByLabel"/> kept.</summary>
    public static WeightedScores ByLabel(Tally tally, int firstSlot) =>
        new(new[] { Outcomes.Negative, Outcomes.Positive }.SelectMany(label => RowValues.Read(tally.Map(firstSlot + label, Width)).Select(r => new WeightedScore(r.Numbers[0], label, r.Numbers[1]))));

    /// <summary>Weighted mean score of a slot, summed by row number.</summary>
    public static WeightedMean MeanScore(Tally tally, int slot)
    {
        var rows = RowValues.Read(tally.Map(slot, Width));
        return WeightedMean.Of([.. rows.Select(r => r.Numbers[0])], [.. rows.Select(r => r.Numbers[1])]);
    }

    private static Float64Column? Column(CheckInput input) => input.Evaluation.WithRole(ColumnRole.Weight).OfType<Float64Column>().FirstOrDefault();
}
