using Governance.Data;
using Governance.Data.Csv;
using Governance.Data.Synthetic;
using Governance.Models.Onnx;
using Governance.Models.Training;

namespace Governance.Models.Tests.Training;

/// <summary>What the tour relies on, measured on the ONNX files with the default seed and sizes.</summary>
public sealed class SyntheticModelTests
{
    private const ulong Seed = 2026;
    private static readonly SyntheticPortfolio Portfolio = SyntheticLender.Generate(Seed);
    private static readonly TrainedModel Biased = SyntheticModels.TrainBiased(Portfolio);
    private static readonly TrainedModel Corrected = SyntheticModels.TrainCorrected(Portfolio);

    [Fact]
    public void Biased_OnEvaluation_RefusesMigrantsFarMoreOften()
    {
        var scores = Score(Biased, Portfolio.Evaluation);

        Assert.InRange(ImpactRatio(scores, "origin", "migrant"), 0.4, 0.7);
        Assert.True(Auc(scores, Portfolio.Evaluation) > 0.7);
    }

    [Fact]
    public void Corrected_OnEvaluation_IsFairAndGood()
    {
        var scores = Score(Corrected, Portfolio.Evaluation);
        foreach (var (attribute, reference) in Portfolio.ReferenceGroups)
        {
            foreach (var level in ((CategoryColumn)Portfolio.Evaluation[attribute]).Levels.Where(l => l != reference))
            {
                var ratio = ImpactRatio(scores, attribute, level);
                TestContext.Current.SendDiagnosticMessage($"corrected {attribute}={level}: impact ratio {ratio:f3}, biased {ImpactRatio(Score(Biased, Portfolio.Evaluation), attribute, level):f3}");
                Assert.InRange(ratio, 0.85, 1.18);
            }
        }

        var auc = Auc(scores, Portfolio.Evaluation);
        var trainAuc = Auc(Score(Corrected, Portfolio.Reviewed), Portfolio.Reviewed);
        var labels = Labels(Portfolio.Evaluation);
        var brier = scores.Zip(labels, (s, y) => (s - y) * (s - y)).Average();
        TestContext.Current.SendDiagnosticMessage(
            $"corrected: AUC train {trainAuc:f4}, evaluation {auc:f4}; mean score {scores.Average():f4}, default rate {labels.Average():f4}, Brier {brier:f4}, granted {scores.Count(s => s < Portfolio.Threshold) / 3000.0:f3}, PSI {Psi(Score(Corrected, Portfolio.Reviewed), scores):f4}; " +
            $"biased: AUC train {Auc(Score(Biased, Portfolio.History), Portfolio.History):f4}, evaluation {Auc(Score(Biased, Portfolio.Evaluation), Portfolio.Evaluation):f4}, mean score {Score(Biased, Portfolio.Evaluation).Average():f4}, granted {Score(Biased, Portfolio.Evaluation).Count(s => s < Portfolio.Threshold) / 3000.0:f3}, PSI {Psi(Score(Biased, Portfolio.History), Score(Biased, Portfolio.Evaluation)):f4}");
        Assert.True(auc >= 0.75);
        Assert.InRange(trainAuc - auc, -0.03, 0.03);
        Assert.InRange(scores.Average() - labels.Average(), -0.02, 0.02);
    }

    [Fact]
    public void Onnx_AgainstTrainedModel_DiffersByRoundingOnly()
    {
        foreach (var model in new[] { Biased, Corrected })
        {
            var matrix = FeatureMatrix.Of(Portfolio.Evaluation, model.Features);
            var reference = new double[matrix.RowCount];
            model.Reference.Score(matrix.Values.Span, reference, TestContext.Current.CancellationToken);
            Assert.All(Score(model, Portfolio.Evaluation).Zip(reference), p => Assert.Equal(p.Second, p.First, 2e-6));
        }
    }

    [Fact]
    public void Generate_SameSeed_GivesTheSameBytesOfDataAndModel()
    {
        var again = SyntheticLender.Generate(Seed);

        Assert.Equal(CsvTableWriter.Write(Portfolio.History), CsvTableWriter.Write(again.History));
        Assert.Equal(Biased.Onnx.ToArray(), SyntheticModels.TrainBiased(again).Onnx.ToArray());
        Assert.NotEqual(CsvTableWriter.Write(Portfolio.History), CsvTableWriter.Write(SyntheticLender.Generate(Seed + 1).History));
    }

    private static double[] Score(TrainedModel model, DataTable table)
    {
        using var scorer = new OnnxScorer(OnnxScanner.Scan(model.Onnx, OnnxLimits.Default).Model!, model.Features);
        var matrix = FeatureMatrix.Of(table, model.Features);
        var scores = new double[matrix.RowCount];
        scorer.Score(matrix.Values.Span, scores, TestContext.Current.CancellationToken);
        return scores;
    }

    private static double[] Labels(DataTable table) => ((Float64Column)table["defaulted"]).Values.ToArray();

    private static double ImpactRatio(double[] scores, string attribute, string level)
    {
        var column = (CategoryColumn)Portfolio.Evaluation[attribute];
        double Granted(string group)
        {
            var code = column.Levels.Index().Single(l => l.Item == group).Index;
            return scores.Index().Where(s => column.Codes.Span[s.Index] == code).Average(s => s.Item < Portfolio.Threshold ? 1.0 : 0);
        }

        return Granted(level) / Granted(Portfolio.ReferenceGroups[attribute]);
    }

    /// <summary>By counting pairs: no shared code with the checks.</summary>
    private static double Auc(double[] scores, DataTable table)
    {
        var labels = Labels(table);
        var good = scores.Where((_, i) => labels[i] == 0).ToArray();
        return scores.Where((_, i) => labels[i] == 1).Average(bad => good.Average(g => g < bad ? 1.0 : g == bad ? 0.5 : 0));
    }

    private static double Psi(double[] expected, double[] actual)
    {
        var edges = Enumerable.Range(1, 9).Select(i => expected.Order().ElementAt(expected.Length * i / 10)).ToArray();
        double[] Shares(double[] s) => [.. Enumerable.Range(0, 10).Select(b => s.Count(v => edges.Count(e => v >= e) == b) / (double)s.Length)];
        return Shares(expected).Zip(Shares(actual), (e, a) => (a - e) * Math.Log(a / e)).Sum();
    }
}
