using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;
using MathNet.Numerics.LinearAlgebra;

namespace Governance.Checks.Explainability;

/// <summary>How well can the model be said in a few rules or one formula?</summary>
public sealed class SurrogateCheck : TallyCheck
{
    private static readonly CheckParameter Depth = CheckParameter.Whole("tree_depth", "Levels of the surrogate tree.", 3, 1, 6);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "explainability.surrogate",
        Version = "1",
        Family = CheckFamily.Explainability,
        Title = "Global surrogates",
        Purpose = "Could a committee be told what the model does in a few rules or one linear formula, and how much of it would that leave unsaid?",
        Method = "A regression tree (least squares, every split of every feature) and a linear model (least squares on standardised features, ridge 1e-6) are fitted to the model's scores on the even ones of the sampled rows. Fidelity is measured on the odd ones: R squared against the model's scores, "
            + "with a percentile bootstrap interval over rows, and the share of equal decisions with Clopper-Pearson's interval. Missing values count as the feature's median.",
        SignsOfHighRisk = "Low fidelity: rules presented as 'the model' would misinform. High fidelity of a linear formula under a complex model: complexity that buys nothing.",
        Strengths = "One page that can be read; fidelity is measured on rows the surrogates were not fitted on.",
        Limits = "A surrogate explains the model's scores, not single decisions and not outcomes. A tree of few levels is unstable: another sample may give other rules of equal fidelity.",
        Sources = ["Craven and Shavlik (1996), NeurIPS 8", "Breiman et al. (1984), Classification and Regression Trees", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [SampledRows.Limit with { Default = 2000 }, Depth, CheckParameters.Confidence],
        Measures =
        [
            new("tree_r_squared", "share of the variance of the score a small tree explains, on held-out rows", Maximum: 1),
            new("tree_agreement", "share of decisions the tree repeats", 0, 1),
            new("linear_r_squared", "share a linear formula explains", Maximum: 1),
            new("linear_agreement", "share of decisions the formula repeats", 0, 1),
        ],
        Tables =
        [
            new("linear", ["feature", "coefficient"]),
            new("tree", ["rule", "score", "rows"]),
        ],
    };

    protected override bool IsSeeded => true;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        // Shards score their share of the sample; fitting needs all of it at once and is done in the reduce.
        foreach (var position in new SampledRows(context).PositionsIn(rows))
        {
            var row = new SampledRows(context)[position];
            tally.Map(0, 1).Add(double.IsNaN(context.Input.EvaluationScoresOf(new RowRange(row, 1)).Span[0]) ? 0 : 1, 0);
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var figures = new Figures();
        var sample = new SampledRows(context);
        var limitations = new List<string>();
        if (sample.Limitation is { } limitation)
        {
            limitations.Add(limitation);
        }

        var scored = sample.Rows.Where(r => !double.IsNaN(input.EvaluationScoresOf(new RowRange(r, 1)).Span[0])).ToArray();
        if (tally.Map(0, 1).CountOf(0, 0) is > 0 and var unscored)
        {
            limitations.Add($"{unscored} sampled rows have no score (NaN) and are left out.");
        }

        var scores = Array.ConvertAll(scored, r => input.EvaluationScoresOf(new RowRange(r, 1)).Span[0]);
        var data = SurrogateData.Of(input, scored);
        var (fit, test) = (Enumerable.Range(0, scored.Length).Where(i => i % 2 == 0).ToArray(), Enumerable.Range(0, scored.Length).Where(i => i % 2 == 1).ToArray());
        if (test.Length < 20)
        {
            const string Few = "Fewer than 40 sampled rows have a score: too few to fit and to judge.";
            foreach (var name in new[] { "tree_r_squared", "tree_agreement", "linear_r_squared", "linear_agreement" })
            {
                figures.Insufficient(name, Few, count: scored.Length);
            }

            return new Finding(Few, figures.All) { Limitations = limitations };
        }

        var tree = RegressionTree.Fit(data, scores, fit, context.Parameters.Whole(Depth.Name), cancellationToken);
        Judge("tree", Array.ConvertAll(test, i => tree.Predict(data, i)));
        var linear = LinearFit.Of(data, scores, fit);
        Judge("linear", Array.ConvertAll(test, i => linear.Predict(data, i)));
        var r2 = figures.All.Where(m => m.Name.EndsWith("r_squared", StringComparison.Ordinal)).ToArray();
        return new Finding(
            $"A tree of {context.Parameters.Whole(Depth.Name)} levels reproduces the scores with R squared {Figures.Text(r2[0])}, a linear formula with {Figures.Text(r2[1])}.",
            figures.All)
        {
            Tables =
            [
                new Table("tree", "Surrogate tree", [new("rule", "Rule", "text"), new("score", "Mean score"), new("rows", "Rows fitted", "integer")], [.. tree.Rules(input.Model.Features)]),
                new Table("linear", "Surrogate formula (per standard deviation)", [new("feature", "Feature", "text"), new("coefficient", "Coefficient")],
                    [.. input.Model.Features.Select((f, i) => (Feature: f, Coefficient: linear.Coefficients[i])).OrderByDescending(c => Math.Abs(c.Coefficient)).ThenBy(c => c.Feature, StringComparer.Ordinal).Select(c => (IReadOnlyList<Cell>)[c.Feature, c.Coefficient])]),
            ],
            Limitations = limitations,
        };

        void Judge(string name, double[] predicted)
        {
            var actual = Array.ConvertAll(test, i => scores[i]);
            var value = RSquared(actual, predicted, [.. Enumerable.Range(0, test.Length)]);
            if (!double.IsFinite(value))
            {
                figures.Undefined($"{name}_r_squared", "The scores of the test rows are all equal.", count: test.Length);
            }
            else
            {
                figures.Add($"{name}_r_squared", value, interval: Bootstrap(actual, predicted, context, name == "tree" ? 0 : 1), count: test.Length);
            }

            var equal = Enumerable.Range(0, test.Length).Count(i => actual[i] >= input.Threshold == predicted[i] >= input.Threshold);
            figures.Add($"{name}_agreement", (double)equal / test.Length, interval: Proportion.ClopperPearson(equal, test.Length, context.Confidence), count: test.Length);
        }
    }

    private static Interval? Bootstrap(double[] actual, double[] predicted, CheckContext context, int which)
    {
        const int Replicates = 200;
        var values = Enumerable.Range(0, Replicates).Select(k =>
        {
            var random = SplitMix64.For(context.Input.Seed, 0x53555252, which, k);
            var rows = new int[actual.Length];
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = random.NextBelow(rows.Length);
            }

            return RSquared(actual, predicted, rows);
        }).Where(double.IsFinite).Order().ToArray();
        if (values.Length < 0.9 * Replicates)
        {
            return null;
        }

        var tail = (1 - context.Confidence) / 2;
        return new Interval(values[(int)(tail * (values.Length - 1))], values[(int)Math.Ceiling((1 - tail) * (values.Length - 1))], context.Confidence, $"bootstrap ({Replicates})");
    }

    private static double RSquared(double[] actual, double[] predicted, int[] rows)
    {
        double mean = rows.Average(i => actual[i]), residual = 0, total = 0;
        foreach (var i in rows)
        {
            residual += (actual[i] - predicted[i]) * (actual[i] - predicted[i]);
            total += (actual[i] - mean) * (actual[i] - mean);
        }

        // Scores that differ by rounding only are equal.
        return total > 1e-20 * rows.Length ? 1 - (residual / total) : double.NaN;
    }

    /// <summary>Columns without missing or infinite values, and their mean and deviation. Immutable.</summary>
    private sealed record SurrogateData(double[][] Columns, double[] Means, double[] Deviations)
    {
        public static SurrogateData Of(CheckInput input, int[] rows)
        {
            var columns = input.Model.Features.Select(f =>
            {
                var values = ((Float32Column)input.Evaluation[f]).Values;
                var own = Array.ConvertAll(rows, r => (double)values.Span[r]);
                var known = own.Where(double.IsFinite).Order().ToArray();
                var median = known.Length == 0 ? 0 : known[(known.Length - 1) / 2];
                return Array.ConvertAll(own, v => double.IsNaN(v) ? median : double.IsFinite(v) ? v : v > 0 ? known.LastOrDefault(median) : known.FirstOrDefault(median));
            }).ToArray();
            var means = columns.Select(c => c.Length == 0 ? 0 : c.Average()).ToArray();
            return new(columns, means, [.. columns.Zip(means, (c, m) => c.Length == 0 ? 0 : Math.Sqrt(c.Average(v => (v - m) * (v - m))))]);
        }

        public double Standardised(int feature, int row) => Deviations[feature] > 0 ? (Columns[feature][row] - Means[feature]) / Deviations[feature] : 0;
    }

    private sealed record LinearFit(double Intercept, double[] Coefficients)
    {
        public static LinearFit Of(SurrogateData data, double[] scores, int[] rows)
        {
            var width = data.Columns.Length;
            var design = Matrix<double>.Build.Dense(rows.Length, width + 1, (r, c) => c == width ? 1 : data.Standardised(c, rows[r]));
            var moments = design.TransposeThisAndMultiply(design) + (Matrix<double>.Build.DenseIdentity(width + 1) * (1e-6 * rows.Length));
            var solution = moments.Cholesky().Solve(design.TransposeThisAndMultiply(Vector<double>.Build.Dense(rows.Length, r => scores[rows[r]])));
            return new(solution[width], [.. solution.Take(width)]);
        }

        public double Predict(SurrogateData data, int row) => Intercept + Coefficients.Select((c, f) => c * data.Standardised(f, row)).Sum();
    }

    /// <summary>A leaf (Feature below 0) or a split: at or below the threshold goes left.</summary>
    private sealed record RegressionTree(int Feature, double Threshold, RegressionTree? Left, RegressionTree? Right, double Mean, int Rows)
    {
        private const int MinLeaf = 10;

        public static RegressionTree Fit(SurrogateData data, double[] scores, int[] rows, int depth, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var mean = rows.Average(i => scores[i]);
            var (feature, threshold, gain) = depth == 0 ? (-1, 0, 0) : Best(data, scores, rows, mean);
            if (feature < 0 || gain <= 1e-12 * rows.Length)
            {
                return new(-1, 0, null, null, mean, rows.Length);
            }

            var column = data.Columns[feature];
            return new(feature, threshold,
                Fit(data, scores, [.. rows.Where(i => column[i] <= threshold)], depth - 1, cancellationToken),
                Fit(data, scores, [.. rows.Where(i => column[i] > threshold)], depth - 1, cancellationToken), mean, rows.Length);
        }

        public double Predict(SurrogateData data, int row) => Feature < 0 ? Mean : (data.Columns[Feature][row] <= Threshold ? Left! : Right!).Predict(data, row);

        public IEnumerable<IReadOnlyList<Cell>> Rules(IReadOnlyList<string> features, string path = "")
        {
            if (Feature < 0)
            {
                return [[path.Length == 0 ? "everybody" : path, Mean, (double)Rows]];
            }

            var and = path.Length == 0 ? "" : path + " and ";
            return Left!.Rules(features, string.Create(CultureInfo.InvariantCulture, $"{and}{features[Feature]} <= {Threshold:G6}")).Concat(
                Right!.Rules(features, string.Create(CultureInfo.InvariantCulture, $"{and}{features[Feature]} > {Threshold:G6}")));
        }

        /// <summary>The split that lowers the squared error most; ties to the first feature and smallest threshold.</summary>
        private static (int Feature, double Threshold, double Gain) Best(SurrogateData data, double[] scores, int[] rows, double mean)
        {
            var best = (Feature: -1, Threshold: 0.0, Gain: 0.0);
            for (var f = 0; f < data.Columns.Length; f++)
            {
                var column = data.Columns[f];
                var sorted = rows.OrderBy(i => column[i]).ToArray();
                var left = 0.0;
                for (var n = 1; n < sorted.Length; n++)
                {
                    left += scores[sorted[n - 1]] - mean;
                    var gain = left * left / n + (left * left / (sorted.Length - n));
                    if (n >= MinLeaf && sorted.Length - n >= MinLeaf && column[sorted[n]] > column[sorted[n - 1]] && gain > best.Gain)
                    {
                        best = (f, (column[sorted[n - 1]] + column[sorted[n]]) / 2, gain);
                    }
                }
            }

            return best;
        }
    }
}
