using System.Text.Json.Nodes;
using Governance.Data.Cases;
using Governance.Models.Attribution;
using Governance.Models.Onnx;
using Governance.Models.Structure;
using Governance.Models.Trees;
using Governance.Testing;

namespace Governance.Models.Tests.Attribution;

/// <summary>Every SHAP number of the reference cases, which shap 0.46 computed from the libraries' own models; ours come from the ONNX files.</summary>
[Trait("Category", SharedMaterial.Conformance)]
public sealed class CaseShapTests
{
    private const int Rows = 100;

    public static TheoryData<string, string> Models()
    {
        var data = new TheoryData<string, string>();
        foreach (var folder in SharedMaterial.CaseFolders())
        {
            foreach (var model in JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!["models"]!.AsObject().Where(m => m.Value!["shap"] is not null))
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

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Contributions_AgreeWithShap(string name, string model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var folder = Path.Combine(SharedMaterial.Root, "cases", name);
        var reference = await ReferenceCase.LoadAsync(folder, cancellationToken);
        var expected = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "expected.json"), cancellationToken))!["models"]![model]!["shap"]!;
        var scanned = (await OnnxScanner.ScanFileAsync(reference.Models.Single(m => m.Name == model).Path, OnnxLimits.Default, cancellationToken)).Model!;
        var structure = StructureReader.Read(scanned, reference.Features).Structure;
        Assert.NotNull(structure);
        var (train, test) = (FeatureMatrix.Of(reference.Train, reference.Features), FeatureMatrix.Of(reference.Test, reference.Features));
        var width = reference.Features.Count;
        var background = train.Values[..(Rows * width)];
        var players = PlayerSet.OfFeatures(reference.Features);
        var tolerance = structure.Link is TreeLink.Logistic ? 5e-6 : 1e-6;

        if (structure is LinearStructure linear)
        {
            Compare(new LinearExplainer(linear, players, background.Span), expected["linear_interventional_100"]!);
            return;
        }

        var trees = Assert.IsType<TreeStructure>(structure);
        Compare(TreeExplainer.Interventional(trees, players, background.Span, cancellationToken), expected["interventional_100"]!);
        if (Covers() is { } covers)
        {
            Compare(TreeExplainer.PathDependent(trees, players, covers), expected["tree_path_dependent"]!);
        }

        // Where only the training library knows the covers the recounted ones must still add up.
        var recounted = TreeExplainer.PathDependent(trees, players, TreeCovers.Recount(trees, train.Values.Span, cancellationToken));
        AssertAdditive(recounted, Explain(recounted));

        double[]? Covers() => model switch
        {
            "xgboost" => NativeCovers.XGBoost(Path.Combine(folder, "models", "xgboost_native.json"), trees.Trees),
            "lightgbm" => NativeCovers.LightGbm(Path.Combine(folder, "models", "lightgbm_native.txt"), trees.Trees),
            // The one forest of the cases that was trained without bootstrap: its covers are the training rows.
            "random_forest" when name == "german_credit" => TreeCovers.Recount(trees, train.Values.Span, cancellationToken),
            _ => null,
        };

        double[] Explain(IExplainer explainer)
        {
            var contributions = new double[Rows * explainer.Players.Count];
            explainer.Explain(test.Values.Span[..(Rows * width)], contributions, cancellationToken);
            return contributions;
        }

        void Compare(IExplainer explainer, JsonNode values)
        {
            var contributions = Explain(explainer);
            Assert.Equal((double)values["expected_value"]!, explainer.ExpectedValue, tolerance);
            var skipped = values["rows_to_skip"]?.AsArray().Select(r => (int)r!).ToHashSet() ?? [];
            var largest = 0.0;
            for (var r = 0; r < Rows; r++)
            {
                for (var f = 0; f < width && !skipped.Contains(r); f++)
                {
                    largest = Math.Max(largest, Math.Abs((double)values["values"]![r]![f]! - contributions[(r * width) + f]));
                }
            }

            TestContext.Current.SendDiagnosticMessage($"{name}/{model} {explainer.Method}: {largest:g3} from shap");
            Assert.True(largest <= tolerance, $"{explainer.Method}: {largest:g3} from shap");
            AssertAdditive(explainer, contributions);
        }

        void AssertAdditive(IExplainer explainer, double[] contributions)
        {
            var probabilities = new double[Rows];
            using var scorer = new OnnxScorer(scanned, reference.Features);
            scorer.Score(test.Values.Span[..(Rows * width)], probabilities, cancellationToken);
            for (var r = 0; r < Rows; r++)
            {
                var sum = explainer.ExpectedValue + contributions.AsSpan(r * width, width).ToArray().Sum();
                Assert.Equal(structure.Margin(test.Row(r)), sum, 1e-9);
                var probability = structure.Link is TreeLink.Logistic ? 1 / (1 + Math.Exp(-sum)) : sum;
                Assert.Equal(probabilities[r], probability, 1e-5);
            }
        }
    }

    /// <summary>A row explained alone, in a block or in another block has the same contributions to the last bit.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public async Task Contributions_DoNotDependOnTheBatch(string name, string model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var reference = await ReferenceCase.LoadAsync(Path.Combine(SharedMaterial.Root, "cases", name), cancellationToken);
        var scanned = (await OnnxScanner.ScanFileAsync(reference.Models.Single(m => m.Name == model).Path, OnnxLimits.Default, cancellationToken)).Model!;
        if (StructureReader.Read(scanned, reference.Features).Structure is not TreeStructure trees)
        {
            return;
        }

        var test = FeatureMatrix.Of(reference.Test, reference.Features);
        var width = reference.Features.Count;
        var explainer = TreeExplainer.Interventional(trees, PlayerSet.OfFeatures(reference.Features), test.Values.Span[..(20 * width)], cancellationToken);
        var together = new double[200 * width];
        explainer.Explain(test.Values.Span[..(200 * width)], together, cancellationToken);
        var alone = new double[width];
        for (var r = 0; r < 200; r += 7)
        {
            explainer.Explain(test.Row(r), alone, cancellationToken);
            Assert.Equal(alone, together.AsSpan(r * width, width).ToArray());
        }

        // Entries are made by whoever asks first; a second explainer that threads fill together gives each of them the same bits.
        var shared = TreeExplainer.Interventional(trees, PlayerSet.OfFeatures(reference.Features), test.Values.Span[..(20 * width)], cancellationToken);
        var values = test.Values;
        var threaded = Enumerable.Range(0, 4).Select(_ => new double[200 * width]).ToArray();
        Parallel.For(0, threaded.Length, t =>
        {
            for (var r = 0; r < 200; r++)
            {
                shared.Explain(values.Span.Slice(r * width, width), threaded[t].AsSpan(r * width, width), cancellationToken);
            }
        });
        Assert.All(threaded, found => Assert.Equal(together, found));
    }
}
