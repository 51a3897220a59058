using System.Text.Json.Nodes;
using Governance.Checks.Explainability;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Testing;

namespace Governance.Checks.Tests.Conformance;

/// <summary>The explanation checks on the models of the cases.</summary>
[Trait("Category", SharedMaterial.Conformance)]
public sealed class ExplainabilityConformanceTests
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, double>> Few =
        CheckCatalogue.All.Where(c => c.Descriptor.Parameters.Any(p => p.Name == "max_rows")).ToDictionary(
            c => c.Descriptor.Id,
            c => (IReadOnlyDictionary<string, double>)c.Descriptor.Parameters.Where(p => p.Name is "max_rows" or "max_rows_black_box").ToDictionary(p => p.Name, p => p.Name == "max_rows" ? 100.0 : 20));

    public static TheoryData<string?, string?> CasesAndModels => CaseFile.CasesAndModels();

    public static TheoryData<string?, string?> WithCurves => CaseFile.CasesAndModels((expected, model) => expected["models"]![model]!["partial_dependence"] is not null);

    /// <summary>scikit-learn's curves of the probability over the first 500 test rows; ours by ONNX Runtime's float32 at float32 grid values.</summary>
    [Theory]
    [MemberData(nameof(WithCurves))]
    public void PartialDependence_AgreesWithScikitLearn(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        using var scorer = file.Onnx(model!);
        var table = file.Features().Evaluation;
        var count = Math.Min(500, table.RowCount);
        var rows = FeatureRows.Gather(table, scorer.Features, Enumerable.Range(0, count));
        foreach (var (feature, curve) in file.Models[model!]!["partial_dependence"]!["curves"]!.AsObject())
        {
            var at = Enumerable.Range(0, scorer.Features.Count).First(f => scorer.Features[f] == feature);
            var grid = curve!["grid"]!.AsArray().Select(v => (float)(double)v!).ToArray();
            var sums = new double[grid.Length];
            for (var r = 0; r < count; r++)
            {
                var own = EffectCurves.Individual(scorer, rows.AsSpan(r * scorer.Features.Count, scorer.Features.Count), at, grid, TestContext.Current.CancellationToken);
                for (var g = 0; g < grid.Length; g++)
                {
                    sums[g] += own[g] / count;
                }
            }

            for (var g = 0; g < grid.Length; g++)
            {
                Assert.Equal((double)curve["average"]![g]!, sums[g], 2e-6);
            }
        }
    }

    /// <summary>What is explained is what runs: additivity 1e-9 against our float64, 1e-5 against ONNX Runtime's float32; reasons are at most four and hurt.</summary>
    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void Explanations_AddUpToTheRunningModel(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        using var scorer = file.Onnx(model!);
        var input = file.Modelled(model!, scorer, Few);
        var attributions = Inputs.Run("explainability.attributions", input);
        Assert.InRange(attributions.Value("runtime_gap"), 0, 1e-5);
        if (scorer.Reading.Structure is not null)
        {
            Assert.InRange(attributions.Value("additivity_error"), 0, 1e-9);
        }
        else
        {
            Assert.Contains("black box", scorer.Reading.Problem, StringComparison.Ordinal);
            Assert.Equal(MeasureStatus.Undefined, attributions.Get("additivity_error").Status);
        }

        var reasons = Inputs.Run("explainability.reason_codes", input);
        Assert.InRange(reasons.Value("runtime_gap"), 0, 1e-5);
        var examples = Assert.Single(reasons.Tables, t => t.Name == "examples");
        Assert.All(examples.Rows, r => Assert.True(r[1].Number <= 4 && r[3].Number > 0));
        Assert.All(examples.Rows.GroupBy(r => r[0].Number), g => Assert.Equal(g.OrderByDescending(r => r[3].Number).Select(r => r[1].Number), g.OrderBy(r => r[1].Number).Select(r => r[1].Number)));

        // Repairing what hurt turns more decisions than repairing anything.
        if (scorer.Reading.Structure is not null)
        {
            var faithfulness = Inputs.Run("explainability.faithfulness", input);
            Assert.True(faithfulness.Value("deletion_gain") > 0, "The order of reasons is no better than chance.");
            Assert.True(faithfulness.Value("repair_flip_rate") > faithfulness.Value("random_flip_rate"), "Stated reasons turn no more decisions than random ones.");
        }
    }
}
