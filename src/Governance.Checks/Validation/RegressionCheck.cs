using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Validation;

/// <summary>How far are predicted amounts or rates from what came?</summary>
public sealed class RegressionCheck : TallyCheck
{
    private const int Bins = 10;
    private static readonly string[] Names = ["rmse", "mae", "bias", "r_squared"];
    private static readonly CheckParameter Replicates = CheckParameter.Whole("bootstrap_replicates", "Bootstrap replicates for the intervals.", 200, 20, 10_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.regression",
        Version = "1",
        OnRequest = true,
        Family = CheckFamily.Validation,
        Title = "Errors of a predicted quantity",
        Purpose = "For models of a quantity (loss given default, share drawn, or a probability read as one): how large are the errors, and do they lean one way for some predictions?",
        Method = "Over the rows with a finite outcome: root mean squared error, mean absolute error, bias (mean prediction minus mean outcome) and R squared = 1 - squared error / squared deviation of the outcome; percentile intervals by the Poisson bootstrap over rows. Bias by tenths of the prediction "
            + "(equal predictions stay together) with a t-test each, Holm over the tenths.",
        SignsOfHighRisk = "A bias whose interval lies away from 0; a tenth with a bias of one sign and a small adjusted p-value, above all the highest; an R squared near or below 0.",
        Strengths = "Asks nothing of the outcome's distribution; bias by prediction shows compression that R squared hides.",
        Limits = "Squared error is ruled by a few large outcomes. For outcomes of 0 and 1 these figures are those of a probability and the calibration check says more. Rows are taken as independent.",
        Sources = ["Loterman et al. (2012), Benchmarking regression algorithms for loss given default modeling, IJF 28", "Holm (1979), Scandinavian Journal of Statistics 6", "Chamandy et al. (2012), Estimating uncertainty for massive data streams"],
        Parameters = [Replicates, SampledRows.Limit with { Default = 20_000 }, CheckParameters.Confidence],
        Measures =
        [
            new("rmse", "root mean squared error, in units of the label", 0),
            new("mae", "mean absolute error, in units of the label", 0),
            new("bias", "mean of prediction less outcome"),
            new("r_squared", "share of the variance explained", Maximum: 1),
            new("bias_in_tenth", "bias in one tenth of the predictions"),
        ],
    };

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        var scores = context.Input.EvaluationScoresOf(rows).Span;
        var outcome = Quantity(context.Input.Evaluation);
        var map = tally.Map(0, RowValues.Width(2));
        foreach (var row in sample.PositionsIn(rows).Select(p => sample[p]))
        {
            if (double.IsFinite(scores[row - rows.Start]) && double.IsFinite(outcome(row)))
            {
                RowValues.Add(map, row, scores[row - rows.Start], outcome(row));
            }
        }
    }

    private static Func<int, double> Quantity(DataTable table) => table.WithRole(ColumnRole.Label).First(c => c is Float32Column or Float64Column) switch
    {
        Float32Column c => row => c.Values.Span[row],
        var c => row => ((Float64Column)c).Values.Span[row],
    };

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var rows = RowValues.Read(tally.Map(0, RowValues.Width(2))).Select(r => (Predicted: r.Numbers[0], Actual: r.Numbers[1])).ToArray();
        var figures = new Figures();
        if (rows.Length < 2)
        {
            foreach (var name in Names)
            {
                figures.Insufficient(name, "Fewer than two rows have a prediction and a finite outcome.", count: rows.Length);
            }

            return new Finding("There are no outcomes to compare predictions with.", figures.All);
        }

        double[] All(int[] weights) => Errors(rows, weights);
        var values = All([.. Enumerable.Repeat(1, rows.Length)]);
        var intervals = PoissonBootstrap.Intervals(rows.Length, All, context.Parameters.Whole(Replicates.Name), context.Input.Seed, context.Confidence, cancellationToken);
        foreach (var (name, i) in Names.Select((n, i) => (n, i)))
        {
            figures.Add(name, values[i], interval: double.IsFinite(values[i]) ? intervals[i] : null, count: rows.Length, note: name == "r_squared" && !double.IsFinite(values[i]) ? "The outcome is constant." : null);
        }

        AddTenths(figures, context, rows);
        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"Root mean squared error {Figures.Text(values[0])}, mean absolute error {Figures.Text(values[1])}, bias {Figures.Text(figures.All[2])} over {rows.Length} rows; R squared {Figures.Text(values[3])}."), figures.All)
        {
            Limitations = new SampledRows(context).Limitation is { } sampled ? [sampled] : [],
        };
    }

    private static double[] Errors((double Predicted, double Actual)[] rows, int[] weights)
    {
        double n = 0, squares = 0, absolute = 0, sum = 0, actual = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var error = rows[i].Predicted - rows[i].Actual;
            n += weights[i];
            squares += weights[i] * error * error;
            absolute += weights[i] * Math.Abs(error);
            sum += weights[i] * error;
            actual += weights[i] * rows[i].Actual;
        }

        double mean = actual / n, spread = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            spread += weights[i] * (rows[i].Actual - mean) * (rows[i].Actual - mean);
        }

        return [Math.Sqrt(squares / n), absolute / n, sum / n, spread > 0 ? 1 - (squares / spread) : double.NaN];
    }

    private static void AddTenths(Figures figures, CheckContext context, (double Predicted, double Actual)[] rows)
    {
        var sorted = rows.OrderBy(r => r.Predicted).ToArray();
        double[] edges = [.. Enumerable.Range(1, Bins - 1).Select(b => sorted[(int)((long)b * sorted.Length / Bins)].Predicted)];
        var tenths = sorted.GroupBy(r => edges.Count(e => r.Predicted >= e)).OrderBy(g => g.Key)
            .Select(g => (Tenth: g.Key + 1, Errors: g.Select(r => r.Predicted - r.Actual).ToArray())).ToArray();
        var tested = tenths.Where(t => t.Errors.Length > 1 && Interval.StandardDeviation(t.Errors) > 0).ToArray();
        var pValues = tested.Select(t => Student.TwoSided(t.Errors.Average() / (Interval.StandardDeviation(t.Errors) / Math.Sqrt(t.Errors.Length)), t.Errors.Length - 1)).ToArray();
        var adjusted = Multiplicity.Holm(pValues);
        foreach (var tenth in tenths)
        {
            var (group, at) = ($"tenth={tenth.Tenth}", Array.FindIndex(tested, t => t.Tenth == tenth.Tenth));
            if (at < 0)
            {
                figures.Insufficient("bias_in_tenth", "The tenth has one row, or errors that are all alike.", group, tenth.Errors.Length);
            }
            else
            {
                figures.Add("bias_in_tenth", tenth.Errors.Average(), group, Interval.OfReplicates(tenth.Errors, context.Confidence) is { } i ? i with { Method = "Student t" } : null, tenth.Errors.Length,
                    pValues[at], adjusted[at], $"t, bias = 0, Holm over {tested.Length} tenths");
            }
        }
    }
}
