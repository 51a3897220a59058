using System.Text.Json.Nodes;
using Governance.Data;
using Governance.Data.Cases;
using Governance.Models.Attribution;
using Governance.Models.Onnx;
using Governance.Models.Structure;
using Governance.Models.Trees;
using Governance.Testing;

namespace Governance.Models.Tests.Attribution;

public sealed class SamplingExplainerTests
{
    public static TheoryData<string, string> ExactModels()
    {
        var data = new TheoryData<string, string>();
        foreach (var folder in SharedMaterial.CaseFolders())
        {
            foreach (var model in JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!["models"]!.AsObject().Where(m => m.Value!["exact_shapley_probability"] is not null))
            {
                data.Add(Path.GetFileName(folder), model.Key);
            }
        }

        if (data.Count == 0)
        {
            data.Add("", "");
        }

        return data;
    }

    /// <summary>shap's ExactExplainer on the probability of the training library; ours on ONNX Runtime's float32.</summary>
    [Theory]
    [Trait("Category", SharedMaterial.Conformance)]
    [MemberData(nameof(ExactModels))]
    public async Task Exact_ProbabilityOfCases_AgreesWithShap(string name, string model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var folder = Path.Combine(SharedMaterial.Root, "cases", name);
        var reference = await ReferenceCase.LoadAsync(folder, cancellationToken);
        var expected = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "expected.json"), cancellationToken))!["models"]![model]!["exact_shapley_probability"]!;
        var scanned = (await OnnxScanner.ScanFileAsync(reference.Models.Single(m => m.Name == model).Path, OnnxLimits.Default, cancellationToken)).Model!;
        using var scorer = new OnnxScorer(scanned, reference.Features);
        var width = reference.Features.Count;
        var explainer = new SamplingExplainer(
            scorer, PlayerSet.OfFeatures(reference.Features), FeatureMatrix.Of(reference.Train, reference.Features).Values.Span[..(100 * width)], 1, cancellationToken);
        Assert.True(explainer.IsExact);
        Assert.Equal((double)expected["expected_value"]!, explainer.ExpectedValue, 1e-6);
        var rows = FeatureMatrix.Of(reference.Test, reference.Features);
        var contributions = new double[width];
        for (var r = 0; r < 100; r++)
        {
            explainer.Explain(rows.Row(r), contributions, cancellationToken);
            for (var f = 0; f < width; f++)
            {
                Assert.Equal((double)expected["values"]![r]![f]!, contributions[f], 1e-6);
            }
        }
    }

    /// <summary>Beyond twelve players: an additive game is solved exactly; interactions lie within their stated standard errors.</summary>
    [Fact]
    public void Sampled_SixteenPlayers_WithinStandardErrorsOfTheTruth()
    {
        var random = new SeededRandom(3);
        var names = Enumerable.Range(0, 16).Select(i => $"x{i}").ToArray();
        var players = PlayerSet.OfFeatures(names);
        float[] background = [.. Enumerable.Range(0, 4 * 16).Select(_ => (float)random.NextNormal())], row = [.. Enumerable.Range(0, 16).Select(_ => (float)random.NextNormal())];
        var nodes = new List<TreeNode>();
        int Grow(int depth)
        {
            var at = nodes.Count;
            nodes.Add(default);
            nodes[at] = depth == 0
                ? new(BranchMode.Leaf, 0, 0, at, at, false, (float)random.NextNormal())
                : new(BranchMode.Less, (int)(random.NextBits() % 16), (float)random.NextNormal() * 0.7f, Grow(depth - 1), Grow(depth - 1), false, 0);
            return at;
        }

        int[] roots = [.. Enumerable.Range(0, 20).Select(_ => Grow(3))];
        var trees = new TreeEnsemble(names, nodes.ToArray(), roots, 0, TreeLink.Identity);
        var truth = new double[16];
        TreeExplainer.Interventional(new TreeStructure(InputColumns.Identity(names), trees), players, background, TestContext.Current.CancellationToken).Explain(row, truth, TestContext.Current.CancellationToken);
        double[] estimate = new double[16], errors = new double[16];
        var sampling = new SamplingExplainer(trees, players, background, 5, TestContext.Current.CancellationToken);
        Assert.False(sampling.IsExact);

        sampling.ExplainRow(row, estimate, errors, TestContext.Current.CancellationToken);

        Assert.Equal(trees.Margin(row) - sampling.ExpectedValue, estimate.Sum(), 1e-9);
        var deviations = estimate.Zip(truth, (e, t) => e - t).Zip(errors, (d, s) => d / s).ToArray();
        Assert.All(deviations, d => Assert.InRange(d, -6, 6));
        Assert.InRange(Math.Sqrt(deviations.Average(d => d * d)), 0.3, 2);
    }

    [Fact]
    public void Sampled_AdditiveModel_IsExact()
    {
        var random = new SeededRandom(4);
        var names = Enumerable.Range(0, 14).Select(i => $"x{i}").ToArray();
        var weights = names.Select(_ => random.NextNormal()).ToArray();
        float[] background = [.. Enumerable.Range(0, 3 * 14).Select(_ => (float)random.NextNormal())], row = [.. Enumerable.Range(0, 14).Select(_ => (float)random.NextNormal())];
        double[] estimate = new double[14], errors = new double[14];

        new SamplingExplainer(new Additive(names, weights), PlayerSet.OfFeatures(names), background, 5, TestContext.Current.CancellationToken).ExplainRow(row, estimate, errors, TestContext.Current.CancellationToken);

        for (var f = 0; f < 14; f++)
        {
            Assert.Equal(weights[f] * (row[f] - Enumerable.Range(0, 3).Average(b => (double)background[(b * 14) + f])), estimate[f], 1e-9);
            Assert.InRange(errors[f], 0, 1e-9);
        }
    }

    private sealed class Additive(string[] names, double[] weights) : IScorer
    {
        public IReadOnlyList<string> Features => names;

        public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken)
        {
            for (var r = 0; r < scores.Length; r++)
            {
                scores[r] = 0;
                for (var f = 0; f < weights.Length; f++)
                {
                    scores[r] += weights[f] * features[(r * weights.Length) + f];
                }
            }
        }
    }
}
