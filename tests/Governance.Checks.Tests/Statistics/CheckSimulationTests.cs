using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Tests.Statistics;

/// <summary>Seeded simulations of whole checks whose truth is known: intervals cover and tests reject as often as they say, within four Monte-Carlo standard errors and the stated allowance.</summary>
public sealed class CheckSimulationTests
{
    private const int Runs = 600;
    private static readonly string[] Sexes = ["female", "male"];

    /// <summary>Benefits 0, 1 and 2 with chances 0.12, 0.75 and 0.13: both indices in closed form.</summary>
    [Theory]
    [InlineData("theil_index")]
    [InlineData("generalized_entropy_index")]
    public void Inequality_DeltaMethod_Covers(string measure)
    {
        const double Refused = 0.12, Right = 0.75, Favoured = 0.13, Mean = Right + (2 * Favoured);
        var truth = measure == "theil_index" ? (2 * Math.Log(2) * Favoured / Mean) - Math.Log(Mean) : (((Right + (4 * Favoured)) / (Mean * Mean)) - 1) / 2;
        Covers(truth, 0.012, (ref SplitMix64 random) =>
        {
            double[] scores = new double[500], labels = new double[500];
            for (var i = 0; i < scores.Length; i++)
            {
                // Favourable is prediction 0: a wrongly refused person has label 0 and a high score.
                var u = random.NextUniform();
                labels[i] = u < Refused ? 0 : u < Refused + Favoured ? 1 : i % 2;
                scores[i] = u < Refused ? 0.9 : u < Refused + Favoured ? 0.1 : labels[i] == 1 ? 0.9 : 0.1;
            }

            return Inputs.Run("fairness.inequality", Inputs.Scored(scores, labels, Groups(500))).Get(measure, "attribute=sex");
        });
    }

    /// <summary>Uniform scores of width 0.6, the women's 0.1 higher: within variance 0.03, between 0.0025, so the difference is 10/√0.0325 hundredths.</summary>
    [Fact]
    public void StandardizedMeanDifference_Covers() => Covers(10 / Math.Sqrt(0.0325), 0.012, (ref SplitMix64 random) =>
        Inputs.Run("fairness.group_scores", Inputs.Scored(Shifted(ref random, 0.1), new double[300], Groups(300))).Get("standardized_mean_difference", "sex=female"));

    [Fact]
    public void StandardizedMeanDifference_NoDifference_RejectsAtNominalRate() => Rejects(0.01, (ref SplitMix64 random) =>
        Inputs.Run("fairness.group_scores", Inputs.Scored(Shifted(ref random, 0), new double[300], Groups(300))).Get("standardized_mean_difference", "sex=female").PValue!.Value);

    /// <summary>Calibrated in both groups; Holm over the two keeps the chance of any rejection.</summary>
    [Fact]
    public void CalibrationWithinGroups_Calibrated_RejectsAtNominalRate() => Rejects(0.015, (ref SplitMix64 random) =>
    {
        double[] scores = new double[400], labels = new double[400];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = 0.05 + (0.8 * random.NextUniform());
            labels[i] = random.NextUniform() < scores[i] ? 1 : 0;
        }

        return Inputs.Run("fairness.group_scores", Inputs.Scored(scores, labels, Groups(400))).Measures.Where(m => m.Name == "calibration_slope").Min(m => m.AdjustedPValue!.Value);
    });

    /// <summary>Training and evaluation rows of one population: the gap of their AUCs is 0.</summary>
    [Fact]
    public void AucGap_OnePopulation_CoversZeroAndHoldsLevel()
    {
        Covers(0, 0.012, Gap);
        Rejects(0.012, (ref SplitMix64 random) => Gap(ref random).PValue!.Value);

        static Measure Gap(ref SplitMix64 random)
        {
            double[] labels = [.. Enumerable.Range(0, 120).Select(i => i % 2.0)], scores = new double[240];
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = 1 / (1 + Math.Exp(-random.NextNormal() - labels[i % 120]));
            }

            return Inputs.Run("validation.discrimination", new CheckInput
            {
                Evaluation = Inputs.ScoredTable(0, labels), Training = Inputs.ScoredTable(120, labels), Model = new StoredScorer(scores), Threshold = 0.5, FavourablePrediction = 0,
                ReferenceGroups = new Dictionary<string, string>(), Parameters = Fast("validation.discrimination"),
            }).Get("auc_gap");
        }
    }

    /// <summary>Label 0 and uniform scores: squared errors s², whose mean over the worst fifth is (1 − 0.8³)/0.6.</summary>
    [Fact]
    public void WorstShare_Bootstrap_Covers() => Covers((1 - Math.Pow(0.8, 3)) / 0.6, 0.03, runs: 300, study: (ref SplitMix64 random) =>
    {
        var scores = new double[250];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = random.NextUniform();
        }

        return Inputs.Run("robustness.worst_case_shift", Seeded(ref random, Inputs.Scored(scores, new double[250]), Fast("robustness.worst_case_shift"))).Get("cvar_squared_error", "alpha=0.2");
    });

    /// <summary>Two normal populations 1.5 apart, half the rows each: the cut of the highest tenth solves ½·(P(Z > t) + P(Z > t − 1.5)) = 0.1.</summary>
    [Fact]
    public void RecallAtBudget_Bootstrap_Covers()
    {
        double low = 0, high = 5;
        while (high - low > 1e-12)
        {
            var middle = (low + high) / 2;
            (low, high) = (Tail.UpperNormal(middle) + Tail.UpperNormal(middle - 1.5)) / 2 > 0.1 ? (middle, high) : (low, middle);
        }

        double[] labels = [.. Enumerable.Range(0, 400).Select(i => i % 2.0)];
        Covers(Tail.UpperNormal(low - 1.5), 0.03, runs: 300, study: (ref SplitMix64 random) =>
        {
            var scores = new double[400];
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = 1 / (1 + Math.Exp(-random.NextNormal() - (1.5 * labels[i])));
            }

            return Inputs.Run("validation.alert_budget", Seeded(ref random, Inputs.Scored(scores, labels), Fast("validation.alert_budget"))).Get("recall_at_budget", "budget=0.1");
        });
    }

    /// <summary>Training and evaluation of one distribution, a skewed code of seven values, some missing.</summary>
    [Fact]
    public void ChiSquared_NoDrift_RejectsAtNominalRate() => Rejects(0.015, (ref SplitMix64 random) =>
    {
        var (training, evaluation) = (Codes(ref random, 300), Codes(ref random, 200));
        return Inputs.Run("validation.drift", new CheckInput
        {
            Evaluation = evaluation, Training = training, Model = new LinearScorer(["code"], [0.1], 0), Threshold = 0.5, FavourablePrediction = 0, ReferenceGroups = new Dictionary<string, string>(),
        }).Get("chi_squared", "feature=code").PValue!.Value;

        static DataTable Codes(ref SplitMix64 random, int rows)
        {
            var values = new float[rows];
            for (var i = 0; i < rows; i++)
            {
                values[i] = random.NextBelow(20) == 0 ? float.NaN : MathF.Floor((float)(7 * random.NextUniform() * random.NextUniform()));
            }

            return new DataTable([new Float32Column("code", ColumnRole.Feature, values), new Float64Column("label", ColumnRole.Label, new double[rows])]);
        }
    });

    private delegate Measure Study(ref SplitMix64 random);

    private delegate double Test(ref SplitMix64 random);

    private static string[] Groups(int rows) => [.. Enumerable.Range(0, rows).Select(i => Sexes[i / 2 % 2])];

    private static double[] Shifted(ref SplitMix64 random, double shift)
    {
        var scores = new double[300];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = 0.2 + (0.6 * random.NextUniform()) + (i / 2 % 2 == 0 ? shift : 0);
        }

        return scores;
    }

    private static Dictionary<string, IReadOnlyDictionary<string, double>> Fast(string check) =>
        new() { [check] = new Dictionary<string, double> { ["bootstrap_replicates"] = check == "validation.discrimination" ? 20 : 150 } };

    /// <summary>The input with a bootstrap seed of its own.</summary>
    private static CheckInput Seeded(ref SplitMix64 random, CheckInput input, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> parameters) => new()
    {
        Evaluation = input.Evaluation, Model = input.Model, Threshold = input.Threshold, FavourablePrediction = input.FavourablePrediction, ReferenceGroups = input.ReferenceGroups,
        Seed = (long)random.Next(), Parameters = parameters,
    };

    private static void Covers(double truth, double allowance, Study study, int runs = Runs)
    {
        var covered = 0;
        for (var i = 0; i < runs; i++)
        {
            var random = SplitMix64.For(2026, i);
            var measure = study(ref random);
            covered += measure.Lower <= truth && truth <= measure.Upper ? 1 : 0;
        }

        Near(0.95, covered, runs, allowance);
    }

    private static void Rejects(double allowance, Test test)
    {
        var rejected = 0;
        for (var i = 0; i < Runs; i++)
        {
            var random = SplitMix64.For(2027, i);
            rejected += test(ref random) < 0.05 ? 1 : 0;
        }

        Near(0.05, rejected, Runs, allowance);
    }

    private static void Near(double nominal, int count, int runs, double allowance)
    {
        TestContext.Current.SendDiagnosticMessage($"{(double)count / runs:0.####} of {runs}, nominal {nominal}");
        var slack = (4 * Math.Sqrt(nominal * (1 - nominal) / runs)) + allowance;
        Assert.InRange((double)count / runs, nominal - slack, nominal + slack);
    }
}
