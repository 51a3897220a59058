using Governance.Checks.Explainability;
using Governance.Checks.Explainability.Reasons;
using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;
using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Checks.Tests.Explainability;

public sealed class ReasonCodeTests
{
    private static readonly string[] Features = ["a", "b", "c", "d", "e", "f"];

    private static readonly LogisticModel Model = new(Features, 0, [1, 1, 2, 0, -1, 0.5]);

    [Fact]
    public void Explain_LinearModel_LargestShortfallsFirstTiesInFeatureOrderAtMostFour()
    {
        var explainer = Explainer(Model, new Dictionary<string, FeatureRule>(), favourable: 0, most: 4);

        Assert.Equal(["c", "a", "b", "f"], Reasons(explainer, [3, 3, 4, 9, 1, 2]));

        // Nothing hurts: an applicant at the cutoff in every way has no reason.
        Assert.Empty(Reasons(explainer, [0, 0, 0, 0, 0, 0]));
    }

    /// <summary>Where label 1 is the good one, what lowers the score hurts.</summary>
    [Fact]
    public void Explain_FavourableOne_WhatLowersTheScoreHurts() =>
        Assert.Equal(["e"], Reasons(Explainer(Model, new Dictionary<string, FeatureRule>(), favourable: 1, most: 4), [3, 3, 4, 9, 1, 2]));

    [Fact]
    public void Explain_GroupsAndCatalogue_OneReasonForAGroup()
    {
        var rules = new Dictionary<string, FeatureRule>
        {
            ["a"] = new() { Group = "delinquency", ReasonCode = "R01", ReasonText = "Delinquent past or present credit obligations" },
            ["b"] = new() { Group = "delinquency" },
        };
        var explainer = Explainer(Model, rules, favourable: 0, most: 2);
        Assert.Equal(["R01", "c"], Reasons(explainer, [3, 3, 2, 9, 1, 2]));
        Assert.Equal("Delinquent past or present credit obligations", explainer.Codes[0].Text);
    }

    [Fact]
    public void Explain_TreeModel_AllocatesNothing()
    {
        TreeNode[] nodes =
        [
            new(BranchMode.Less, 0, 1, 1, 2, false, 0), new(BranchMode.Leaf, 0, 0, 1, 1, false, -1), new(BranchMode.Less, 1, 1, 3, 4, false, 0),
            new(BranchMode.Leaf, 0, 0, 3, 3, false, 0.5f), new(BranchMode.Leaf, 0, 0, 4, 4, false, 2),
        ];
        var explainer = Explainer(new TreeEnsemble(Features, nodes, new[] { 0 }, 0, TreeLink.Logistic), new Dictionary<string, FeatureRule>(), 0, 4);
        float[] row = [2, 2, 0, 0, 0, 0];
        var (reasons, shortfalls) = (new int[4], new double[6]);
        explainer.Explain(row, reasons, shortfalls, TestContext.Current.CancellationToken);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            explainer.Explain(row, reasons, shortfalls, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        // By hand: alone from −1 to 0.5 and to −1, together to 2.
        Assert.Equal([2.25, 0.75], shortfalls[..2].Select(s => Math.Round(s, 12)));
    }

    [Fact]
    public void NearCutoff_TakesTheFavouredNearestToIt()
    {
        double[] scores = [0.1, 0.49, 0.5, 0.2, double.NaN, 0.3, 0.9, 0.49];
        Assert.Equal([1, 5, 7], NearCutoff.Rows(scores, 0.5, 0, 3));
        Assert.Equal([1, 7], NearCutoff.Rows(scores, 0.5, 0, 2));
        Assert.Equal([2, 6], NearCutoff.Rows(scores, 0.5, 1, 5));
        Assert.Empty(NearCutoff.Rows(scores, 0, 0, 5));
    }

    /// <summary>From the evidence alone: the rows near the cutoff, their digest, and reasons that another computation finds again.</summary>
    [Fact]
    public void ReasonCodes_Evidence_IsRecomputable()
    {
        var input = Portfolio();
        var result = Inputs.Run("explainability.reason_codes", input);
        var background = Assert.Single(result.Tables, t => t.Name == "background").Rows[0];
        Assert.Equal("training", background[1].Text);
        var near = FeatureRows.Gather(input.Training!, input.Model.Features, NearCutoff.Rows(input.TrainingScores.Span, input.Threshold, 0, 100));
        Assert.Equal(Core.Digest.Of(System.Runtime.InteropServices.MemoryMarshal.AsBytes(near.AsSpan())).ToString(), background[3].Text);
        var model = (LogisticModel)input.Model;
        foreach (var example in Assert.Single(result.Tables, t => t.Name == "examples").Rows)
        {
            // By the formula of linear models, not by the explainer.
            var f = model.Features.ToList().IndexOf(example[2].Text!);
            var own = FeatureRows.Gather(input.Evaluation, model.Features, [(int)example[0].Number!.Value])[f];
            Assert.Equal(model.Coefficients[f] * (own - Enumerable.Range(0, 100).Average(b => (double)near[(b * model.Features.Count) + f])), example[3].Number!.Value, 1e-12);
        }
    }

    [Fact]
    public void ReasonStability_SameModelAndNoNoise_IsOne_AndAnotherModelIsNot()
    {
        var input = Portfolio(new Dictionary<string, double> { ["noise_scale"] = 0 }, previous: new LogisticModel(["income", "debt", "flag"], -0.4, [1.1, -0.9, 0.5]));
        var result = Inputs.Run("explainability.reason_stability", input);
        Assert.Equal(1, result.Value("jaccard", "variant=noise"));
        Assert.Equal(1, result.Value("rank_agreement", "variant=noise"));
        Assert.InRange(result.Value("jaccard", "variant=ulp"), 0.99, 1);
        Assert.InRange(result.Value("rank_agreement", "variant=previous_model"), -1, 0);
        Assert.Equal(result.Value("min_jaccard"), result.Measures.Where(m => m.Name == "jaccard").Min(m => m.Value));
        Assert.Equal(MeasureStatus.Undefined, Inputs.Run("explainability.reason_stability", Portfolio()).Get("jaccard", "variant=previous_model").Status);
    }

    private static CheckInput Portfolio(IReadOnlyDictionary<string, double>? stability = null, IScorer? previous = null) => new()
    {
        Evaluation = Inputs.PortfolioTable(5, 500, dirty: false),
        Training = Inputs.PortfolioTable(6, 500, dirty: false),
        Model = new LogisticModel(["income", "debt", "flag"], -0.4, [-1.1, 0.9, 0.5]),
        PreviousModel = previous,
        Threshold = 0.5,
        FavourablePrediction = 0,
        ReferenceGroups = Inputs.References,
        Seed = 5,
        Parameters = stability is null ? new Dictionary<string, IReadOnlyDictionary<string, double>>() : new Dictionary<string, IReadOnlyDictionary<string, double>> { ["explainability.reason_stability"] = stability },
    };

    private static ReasonCodeExplainer Explainer(IScorer model, Dictionary<string, FeatureRule> rules, int favourable, int most) =>
        ReasonCodeExplainer.Create(model, rules, new float[6], favourable, most, 0, TestContext.Current.CancellationToken);

    private static string[] Reasons(ReasonCodeExplainer explainer, float[] row)
    {
        var (reasons, shortfalls) = (new int[explainer.MaxReasons], new double[explainer.Codes.Count]);
        return [.. reasons[..explainer.Explain(row, reasons, shortfalls)].Select(r => explainer.Codes[r].Code)];
    }
}
