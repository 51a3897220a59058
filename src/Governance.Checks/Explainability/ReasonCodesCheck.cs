using System.Globalization;
using Governance.Checks.Explainability.Reasons;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Explainability;

/// <summary>Can every adverse decision be given its principal reasons, and which are they?</summary>
public sealed class ReasonCodesCheck : TallyCheck
{
    private const int Gap = 0;
    private const int Adverse = 1;
    private const int Unexplained = 2;
    private const int Stated = 3;
    private const int Principal = 4;
    private const int ReasonCount = 5;
    private const int ExampleRows = 20;

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "explainability.reason_codes",
        Version = "1",
        Family = CheckFamily.Explainability,
        Title = "Reasons of adverse decisions",
        Purpose = "Would every applicant who is turned down get specific principal reasons, and are they reasons a lender can state?",
        Method = "For each sampled adverse decision, Shapley values of feature groups against the applicants at or slightly on the good side of the cutoff (the nearest rows of the training data). Reasons are the groups that lower the applicant, largest first, "
            + "at most max_reasons; shortfalls equal to nine decimals are ties and stand in feature order. A group plays as one player, so its reason counts its features together. Share of adverse decisions that state each reason, with Clopper-Pearson's interval.",
        SignsOfHighRisk = "Adverse decisions without any reason; one reason stated to nearly everybody; reasons that are not in the lender's catalogue, that nobody can act on or verify, or that stand for a protected attribute.",
        Strengths = "Follows the regulation's own words for the comparison group; exact for trees and linear models; recomputable from the listed background rows and their digest.",
        Limits = "Which comparison group a regulator accepts is for counsel. Contributions say what the model did, not what would change the decision (see counterfactuals). Correlated groups share credit. Interval: over the sample of decisions.",
        Sources = ["12 CFR 1002.9(b)(2) and Official Interpretations 9(b)(2)-1, -4 and -5 (Regulation B)", "Lundberg and Lee (2017), NeurIPS 30", "Clopper and Pearson (1934), Biometrika 26"],
        Parameters = [SampledRows.Limit with { Default = 2000 }, Explanation.MaxReasons, Explanation.BackgroundRows, Explanation.BlackBoxRows, Explanation.BlackBoxBackground, CheckParameters.Confidence],
        Measures =
        [
            new("adverse_rows", "adverse decisions explained", 0),
            new("rows_without_reason", "adverse decisions for which no reason can be stated", 0),
            new("runtime_gap", "largest gap between reasons and the running model", 0),
            new("stated_share", "share of adverse decisions a reason is stated for", 0, 1),
        ],
        Tables =
        [
            new("background", ["method", "data", "rows", "digest"]),
            new("examples", ["row", "rank", "code", "shortfall"]),
            new("reasons", ["code", "text", "group", "stated", "first", "share", "lower", "upper"]),
        ],
        Thresholds =
        [
            new("runtime_gap", LimitKind.AtMost, [0.0001], "House; single precision.", "consumer-credit-us/reason_gap_max"),
            new("rows_without_reason", LimitKind.AtMost, [0], "12 CFR 1002.9(b)(2): specific principal reasons."),
        ],
    };

    protected override bool ReadsFeatureRules => true;

    protected override bool IsSeeded => true;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        if (Explanation.Reasons(context) is not { } reasoning)
        {
            return;
        }

        var input = context.Input;
        var reasons = new int[reasoning.Explainer.MaxReasons];
        var shortfalls = new double[reasoning.Explainer.Codes.Count];
        foreach (var row in AdverseRows.In(context, Explanation.Sample(context), rows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            tally.Map(Adverse, 1).Add(row, 0);
            var values = FeatureRows.Gather(input.Evaluation, input.Model.Features, [row]);
            var count = reasoning.Explainer.Explain(values, reasons, shortfalls, cancellationToken);
            if (!shortfalls.All(double.IsFinite))
            {
                tally.Map(Unexplained, 1).Add(0, 0);
                continue;
            }

            var sum = reasoning.Explainer.Explainer.ExpectedValue + ((input.FavourablePrediction == 0 ? 1 : -1) * shortfalls.Sum());
            var probability = reasoning.Explainer.Explainer.Link is Models.Trees.TreeLink.Logistic ? 1 / (1 + Math.Exp(-sum)) : sum;
            tally.Map(Gap, 1).Add(Math.Abs(probability - input.EvaluationScoresOf(new RowRange(row, 1)).Span[0]), 0);
            tally.Map(ReasonCount, 1).Add(count, 0);
            for (var i = 0; i < count; i++)
            {
                tally.Map(i == 0 ? Principal : Stated, 1).Add(reasons[i], 0);
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var figures = new Figures();
        var limitations = new List<string>();
        if (Explanation.Sample(context).Limitation is { } limitation)
        {
            limitations.Add(limitation);
        }

        if (Explanation.Reasons(context) is not { } reasoning)
        {
            figures.Undefined("rows_without_reason", AdverseRows.NobodyFavoured, count: 0);
            return new Finding(AdverseRows.NobodyFavoured, figures.All) { Limitations = limitations };
        }

        var adverse = tally.Map(Adverse, 1);
        long rows = adverse.Total(), unexplained = tally.Map(Unexplained, 1).Total(), explained = rows - unexplained;
        figures.Add("adverse_rows", rows, count: rows, note: rows == 0 ? "No sampled row is decided adversely." : null);
        if (explained == 0)
        {
            var why = rows == 0 ? "No sampled row is decided adversely." : "No adverse decision has a finite explanation (missing or infinite values).";
            figures.Undefined("rows_without_reason", why, count: 0);
            figures.Undefined("runtime_gap", why, count: 0);
            return new Finding(why, figures.All) { Limitations = limitations };
        }

        if (unexplained > 0)
        {
            limitations.Add($"{unexplained} adverse decisions have no finite explanation (missing or infinite values) and are left out.");
        }

        var without = tally.Map(ReasonCount, 1).CountOf(0, 0) + unexplained;
        figures.Add("rows_without_reason", without, count: rows, interval: null, note: "Adverse decisions no group lowers below the cutoff's applicants, or that cannot be explained.");
        var gaps = tally.Map(Gap, 1);
        figures.Add("runtime_gap", gaps.Key(gaps.Length - 1), count: explained, note: "Largest difference between expected value plus contributions and the running model's score.");
        var shares = reasoning.Explainer.Codes.Select((code, player) =>
        {
            var first = tally.Map(Principal, 1).CountOf(player, 0);
            var stated = first + tally.Map(Stated, 1).CountOf(player, 0);
            var measure = figures.Add("stated_share", (double)stated / explained, $"reason={code.Group}", Proportion.ClopperPearson(stated, explained, context.Confidence), explained);
            return (Code: code, Stated: stated, First: first, Measure: measure);
        }).OrderByDescending(s => s.Stated).ThenBy(s => s.Code.Group, StringComparer.Ordinal).ToArray();
        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"Of {rows} adverse decisions {without} have no reason; most often stated: {string.Join(", ", shares.Take(3).Select(s => $"{s.Code.Code} ({(double)s.Stated / explained:0.#%})"))}."),
            figures.All)
        {
            Tables =
            [
                new Table("reasons", "Reasons stated",
                    [new("code", "Code", "text"), new("text", "Reason", "text"), new("group", "Features", "text"), new("stated", "Stated", "integer"), new("first", "As first reason", "integer"), new("share", "Share", "percent"), new("lower", "Lower bound", "percent"), new("upper", "Upper bound", "percent")],
                    [.. shares.Where(s => s.Stated > 0).Select(s => (IReadOnlyList<Cell>)[s.Code.Code, s.Code.Text, s.Code.Group, (double)s.Stated, (double)s.First, s.Measure.Value, s.Measure.Lower, s.Measure.Upper])]),
                Examples(context, reasoning, adverse),
                BackgroundTable.Of(reasoning.Background, reasoning.Explainer.Explainer.Method),
            ],
            Limitations = limitations,
        };
    }

    /// <summary>The first adverse rows with their reasons, so that anyone can recompute some.</summary>
    private static Table Examples(CheckContext context, Reasoning reasoning, CountMap adverse)
    {
        var input = context.Input;
        var reasons = new int[reasoning.Explainer.MaxReasons];
        var shortfalls = new double[reasoning.Explainer.Codes.Count];
        var rows = Enumerable.Range(0, Math.Min(ExampleRows, adverse.Length)).SelectMany(i =>
        {
            var row = (int)adverse.Key(i);
            var count = reasoning.Explainer.Explain(FeatureRows.Gather(input.Evaluation, input.Model.Features, [row]), reasons, shortfalls);
            return Enumerable.Range(0, count).Select(k => (IReadOnlyList<Cell>)[(double)row, (double)(k + 1), reasoning.Explainer.Codes[reasons[k]].Code, shortfalls[reasons[k]]]).ToArray();
        });
        return new Table("examples", "Reasons of the first adverse decisions",
            [new("row", "Evaluation row", "integer"), new("rank", "Rank", "integer"), new("code", "Code", "text"), new("shortfall", "Shortfall")], [.. rows]);
    }
}
