using Governance.Data;
using Governance.Data.Cases;
using Governance.Models.Onnx;
using Governance.Testing;

namespace Governance.Models.Tests.Onnx;

/// <summary>Every model of every reference case, against the scores of the library that trained it.</summary>
[Trait("Category", SharedMaterial.Conformance)]
public sealed class CaseModelTests
{
    private const double Tolerance = 2e-6;

    public static TheoryData<string> Cases() => [.. SharedMaterial.CaseFolders().Select(f => Path.GetFileName(f)).DefaultIfEmpty("")];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Score_EveryModelAndRow_AgreesWithTrainingLibrary(string name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var reference = await ReferenceCase.LoadAsync(Path.Combine(SharedMaterial.Root, "cases", name), cancellationToken);
        var rows = RowMajor(reference.Test, reference.Features);
        Assert.NotEmpty(reference.ReferenceScores);

        foreach (var model in reference.Models.Where(m => reference.ReferenceScores.ContainsKey(m.Name)))
        {
            var scan = await OnnxScanner.ScanFileAsync(model.Path, OnnxLimits.Default, cancellationToken);
            Assert.True(scan.Passed, $"{model.Name}: {string.Join(" ", scan.Findings)}");
            using var scorer = new OnnxScorer(scan.Model!, reference.Features);
            var scores = new double[reference.Test.RowCount];
            scorer.Score(rows, scores, cancellationToken);

            var expected = reference.ReferenceScores[model.Name];
            var worst = scores.Index().Max(s => Math.Abs(s.Item - expected.Span[s.Index]));
            Assert.True(worst <= Tolerance, $"{model.Name}: largest difference {worst:g3}");
            TestContext.Current.SendDiagnosticMessage($"{name}/{model.Name}: {scores.Length} rows, largest difference {worst:g3}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Score_RowByRowAndFromManyThreads_IsTheSame(string name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var reference = await ReferenceCase.LoadAsync(Path.Combine(SharedMaterial.Root, "cases", name), cancellationToken);
        var rows = RowMajor(reference.Test, reference.Features);
        var model = reference.Models.First(m => m.Name == "xgboost");
        using var scorer = new OnnxScorer((await OnnxScanner.ScanFileAsync(model.Path, OnnxLimits.Default, cancellationToken)).Model!, reference.Features);
        var together = new double[300];
        var width = reference.Features.Count;
        scorer.Score(rows.AsSpan(0, together.Length * width), together, cancellationToken);

        var single = new double[together.Length];
        Parallel.For(0, single.Length, i => scorer.Score(rows.AsSpan(i * width, width), single.AsSpan(i, 1), cancellationToken));

        Assert.All(single.Index(), s => Assert.Equal(together[s.Index], s.Item, 1e-6));
    }

    /// <summary>Other settings of the runtime compute the same model, and are closed with it.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Variants_EveryModel_GiveTheSameScoresToRounding(string name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var reference = await ReferenceCase.LoadAsync(Path.Combine(SharedMaterial.Root, "cases", name), cancellationToken);
        var rows = RowMajor(reference.Test, reference.Features).AsMemory(0, 200 * reference.Features.Count);
        foreach (var model in reference.Models.Where(m => reference.ReferenceScores.ContainsKey(m.Name)))
        {
            using var scorer = new OnnxScorer((await OnnxScanner.ScanFileAsync(model.Path, OnnxLimits.Default, cancellationToken)).Model!, reference.Features);
            double[] served = new double[200], other = new double[200];
            scorer.Score(rows.Span, served, cancellationToken);
            Assert.Equal(["runtime_unoptimised", "runtime_basic", "runtime_two_threads", "runtime_no_arena"], scorer.Variants.Select(v => v.Name));
            foreach (var variant in scorer.Variants)
            {
                variant.Scorer.Score(rows.Span, other, cancellationToken);
                Assert.All(served.Zip(other), p => Assert.Equal(p.First, p.Second, 2e-6));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Inspect_EveryModel_HasTheOperatorsOfTheCaseFile(string name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var cancellationToken = TestContext.Current.CancellationToken;
        var folder = Path.Combine(SharedMaterial.Root, "cases", name);
        using var document = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "case.json"), cancellationToken));
        var models = document.RootElement.GetProperty("models").EnumerateObject().Where(m => m.Value.TryGetProperty("onnx_ops", out _)).ToArray();
        Assert.NotEmpty(models);

        foreach (var model in models)
        {
            var scan = await OnnxScanner.ScanFileAsync(Path.Combine(folder, model.Value.GetProperty("file").GetString()!), OnnxLimits.Default, cancellationToken);
            var facts = scan.Model!.Facts;
            var expected = model.Value.GetProperty("onnx_ops").EnumerateArray().Select(o => o.GetString()!).Order(StringComparer.Ordinal);
            Assert.Equal(expected, facts.Operators.SelectMany(o => Enumerable.Repeat(o.Type, o.Count)).Order(StringComparer.Ordinal));
            Assert.Equal(
                model.Value.GetProperty("opsets").EnumerateObject().Select(o => (o.Name, o.Value.GetInt64())).Order(),
                facts.Opsets.Select(o => (o.Domain, o.Version)).Order());
            Assert.Equal(model.Value.GetProperty("sha256").GetString(), scan.Model.Digest.Hex);
            Assert.Equal(model.Value.GetProperty("outputs").EnumerateArray().Select(o => o.GetString()), facts.Outputs.Select(o => o.Name));
            Assert.Equal(model.Value.GetProperty("input").GetProperty("shape")[1].GetInt32(), scan.Model.Signature.Signature!.FeatureCount);
        }
    }

    [Fact]
    public async Task Scorer_ZipMapModel_IsRefusedWithAdvice()
    {
        SharedMaterial.SkipUnlessPresent("cases/german_credit/models/logistic_regression_zipmap.onnx");
        var cancellationToken = TestContext.Current.CancellationToken;
        var folder = Path.Combine(SharedMaterial.Root, "cases", "german_credit");
        var reference = await ReferenceCase.LoadAsync(folder, cancellationToken);
        var scan = await OnnxScanner.ScanFileAsync(reference.Models.Single(m => m.Name.EndsWith("zipmap", StringComparison.Ordinal)).Path, OnnxLimits.Default, cancellationToken);

        Assert.True(scan.Passed);
        var refusal = Assert.Throws<ModelRefusedException>(() => new OnnxScorer(scan.Model!, reference.Features));
        Assert.Contains("ZipMap", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Export it again", refusal.Message, StringComparison.Ordinal);
    }

    internal static float[] RowMajor(DataTable table, IReadOnlyList<string> features)
    {
        var rows = new float[table.RowCount * features.Count];
        for (var c = 0; c < features.Count; c++)
        {
            var values = ((Float32Column)table[features[c]]).Values.Span;
            for (var r = 0; r < values.Length; r++)
            {
                rows[(r * features.Count) + c] = values[r];
            }
        }

        return rows;
    }
}
