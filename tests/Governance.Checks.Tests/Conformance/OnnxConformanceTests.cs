using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Models.Onnx;
using Governance.Testing;

namespace Governance.Checks.Tests.Conformance;

/// <summary>The checks that call the model, on the models of the cases in ONNX Runtime.</summary>
[Trait("Category", SharedMaterial.Conformance)]
public sealed class OnnxConformanceTests
{
    public static TheoryData<string?, string?> CasesAndModels => CaseFile.CasesAndModels();

    /// <summary>Models with a reference importance.</summary>
    public static TheoryData<string?, string?> WithImportance => CaseFile.CasesAndModels((expected, model) => expected["models"]![model]!["permutation_importance_auc"] is not null);

    /// <summary>Cases that are quick to run whole, with a model that can be read and one that cannot.</summary>
    public static TheoryData<string?, string?> Small => CaseFile.CasesAndModels((expected, model) => model is "xgboost" or "mlp" && (int)expected["rows"]!["test"]! < 2000);

    /// <summary>Probabilities 2e-6, no decision flips, metrics from ONNX scores 1e-6: the case files' own tolerances.</summary>
    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void ParityAndMetricsFromOnnxScores(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        using var scorer = file.Onnx(model!);
        var input = file.Modelled(model!, scorer);
        var expected = file.Models[model!]!["onnx_check"]!;

        var parity = Inputs.Run("validation.conversion_parity", input);
        Assert.Equal((double)expected["max_abs_diff"]!, parity.Value("max_abs_diff"), 2e-6);
        Assert.InRange(parity.Value("max_abs_diff"), 0, 2e-6);
        Assert.Equal((double)expected["mean_abs_diff"]!, parity.Value("mean_abs_diff"), 1e-7);
        Assert.Equal((double)expected["decisions_that_differ_at_threshold"]!, parity.Value("decision_flips"));
        Assert.Equal((double)expected["rows_differing_by_more_than_1e-5"]!, parity.Value("rows_beyond_tolerance"));

        var scores = input.EvaluationScores.ToArray();
        Assert.Equal((int)expected["rows"]!, scores.Length);
        Assert.Equal((double)expected["closest_score_to_threshold"]!, scores.Min(s => Math.Abs(s - input.Threshold)), 2e-6);
        var first = file.Models[model!]!["first_200_probabilities"]!["values"]!.AsArray();
        Assert.All(first.Select((value, row) => (Value: (double)value!, Score: scores[row])), p => Assert.Equal(p.Value, p.Score, 2e-6));

        var metrics = Inputs.Run("validation.discrimination", input);
        foreach (var (metric, value) in expected["metrics_from_onnx_scores"]!.AsObject())
        {
            Assert.Equal((double)value!, metrics.Value(metric), 1e-6);
        }

        // Trained on it: no model here ranks its training rows worse than its test rows beyond chance.
        Assert.True(metrics.Get("auc_gap").Upper > 0);
    }

    /// <summary>Both sides are random: means agree within five standard errors of their difference, and the leading feature within its spread.</summary>
    [Theory]
    [MemberData(nameof(WithImportance))]
    public void PermutationImportance_WithinSpreadOfScikitLearn(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        var expected = file.Models[model!]!["permutation_importance_auc"];
        using var scorer = file.Onnx(model!);
        const int Theirs = 5, Ours = 3;
        var result = Inputs.Run("explainability.permutation_importance", file.Modelled(model!, scorer, new Dictionary<string, IReadOnlyDictionary<string, double>>
        {
            ["explainability.permutation_importance"] = new Dictionary<string, double> { ["replicates"] = Ours, ["max_rows"] = 2000 },
        }));
        for (var f = 0; f < scorer.Features.Count; f++)
        {
            var group = $"feature={scorer.Features[f]}";
            double mean = (double)expected!["mean"]![f]!, sd = (double)expected["std"]![f]!;
            double ours = result.Value("auc_drop", group), spread = result.Value("auc_drop_sd", group);
            var error = Math.Sqrt((sd * sd / Theirs) + (spread * spread / Ours));
            Assert.True(Math.Abs(mean - ours) <= (5 * error) + Allowance(file, mean), FormattableString.Invariant($"{group}: {mean} ± {sd} against {ours} ± {spread}"));
        }
    }

    /// <summary>Other rows than the reference's first few thousand are used where the case has more; their importance differs by sampling too.</summary>
    private static double Allowance(CaseFile file, double mean) => file.Features().Evaluation.RowCount > 2000 ? 0.006 + (0.1 * Math.Abs(mean)) : 1e-4;

    [Theory]
    [MemberData(nameof(Small))]
    public void WholeCatalogue_OneAndManyShards_SameEvidence(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        using var scorer = file.Onnx(model!);

        // The least that each check accepts where it scores rows many times.
        var small = new[] { "max_rows", "max_rows_black_box", "background_resamples", "shadow_models" };
        var quick = CheckCatalogue.All.ToDictionary(c => c.Descriptor.Id, c => (IReadOnlyDictionary<string, double>)c.Descriptor.Parameters
            .Where(p => small.Contains(p.Name) || (p.Name == "replicates" && p.Minimum <= 2))
            .ToDictionary(p => p.Name, p => p.Name == "replicates" ? 2 : p.Minimum));
        foreach (var check in CheckCatalogue.All)
        {
            var input = file.Modelled(model!, scorer, quick);
            if (check.WhyNotApplicable(input) is null)
            {
                Assert.Equal(Inputs.Run(check, input).ComputeDigest(), Inputs.Run(check, file.Modelled(model!, scorer, quick), 7).ComputeDigest());
            }
        }
    }

    [Theory]
    [MemberData(nameof(CasesAndModels))]
    public void MembershipInference_OverfittedModelsShow(string? name, string? model)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var file = CaseFile.Of(name!);
        using var scorer = file.Onnx(model!);
        var result = Inputs.Run("privacy.membership_inference", file.Modelled(model!, scorer));
        var attack = result.Get("attack_auc");
        Assert.InRange(attack.Value!.Value, 0.45, 1);

        // A logistic regression on thousands of rows has nothing to remember.
        if (model == "logistic_regression" && file.Features().Evaluation.RowCount > 1000)
        {
            Assert.InRange(0.5, attack.Lower!.Value - 0.01, attack.Upper!.Value + 0.01);
        }

        Assert.Equal(file.Features().Evaluation.RowCount >= 100 ? MeasureStatus.Ok : MeasureStatus.Insufficient, result.Get("tpr_at_fpr_1pct").Status);
    }
}
