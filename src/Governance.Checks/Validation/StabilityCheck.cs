using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Validation;

/// <summary>Has the population moved since training? The familiar index, with its bins, its zero rule and its sampling error stated.</summary>
public sealed class StabilityCheck : TallyCheck
{
    private static readonly CheckParameter Bins = CheckParameter.Whole("bins", "Bins of the training distribution; features with no more distinct values get one bin each.", 10, 2, 100);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.stability",
        Version = "1",
        Family = CheckFamily.Validation,
        Title = "Population stability",
        Purpose = "Do score and features still have the distribution the model was trained on?",
        Method = "Population stability index: sum over bins of (a - e) ln(a / e), with e the training share and a the evaluation share. Bins are frozen on the training data (quantiles, or one per value "
            + "when there are few), with a bin for missing and one for unseen values and open ends. Zero rule: a bin empty on one side counts half a row there. Without drift the index is "
            + "about (1/n + 1/m) times chi-squared on bins - 1 degrees of freedom; from it come the 5 percent critical value and p-values, over features adjusted by Benjamini-Hochberg.",
        SignsOfHighRisk = "An index above 0.25, or above 0.10 and its critical value; a feature whose missing bin grew; a score that is stable only because features moved in opposite directions.",
        Strengths = "Catches movement in the tails and in missing values; the critical value keeps small samples from raising false alarms. At 200 rows a side about 4 in 10 "
            + "indices exceed 0.10 with no drift at all.",
        Limits = "The customary limits 0.10 and 0.25 are convention without a statistical basis. The index depends on the bins: compare it only with the same bins and zero rule. "
            + "It looks at one feature at a time and says nothing about the outcome.",
        Sources = ["Lewis (1994), An Introduction to Credit Scoring", "Yurdakul (2018), Statistical properties of the population stability index", "Benjamini and Hochberg (1995), JRSS B 57"],
        Parameters = [Bins],
        Measures =
        [
            new("psi_score", "population stability index of the score", 0),
            new("psi_max", "largest index of a feature", 0),
            new("psi", "population stability index of one variable", 0),
            new("features_beyond_critical", "features whose index exceeds the critical value for their rows and bins", 0),
        ],
        Tables =
        [
            new("psi", ["variable", "psi", "critical_value", "p_value", "adjusted_p_value", "bins"]),
            new("psi_bins", ["variable", "bin", "training", "evaluation"]),
        ],
        Thresholds =
        [
            new("psi_score", LimitKind.AtMost, [0.25], "Convention (Lewis 1994).", "model-risk/psi_max"),
        ],
    };

    protected override string? Lacks(CheckInput input) => DistributionCounts.Lacks(input);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken) =>
        DistributionCounts.Count(context.Input, rows, tally, cancellationToken);

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var features = context.Input.Model.Features;
        var wanted = context.Parameters.Whole(Bins.Name);
        var bins = Enumerable.Range(0, features.Count + 1)
            .Select(slot => StabilityBins.Of(tally.Map(slot, DistributionCounts.Width), wanted)).ToArray();
        var indices = bins.Select(StabilityBins.Index).ToArray();
        var pValues = bins.Select((b, i) => StabilityBins.PValue(indices[i], b)).ToArray();
        var adjusted = Multiplicity.BenjaminiHochberg(pValues[1..]);

        var figures = new Figures();
        Add("psi_score", null, 0, null);
        for (var f = 0; f < features.Count; f++)
        {
            Add("psi", $"feature={features[f]}", f + 1, adjusted[f]);
        }

        var worst = Enumerable.Range(1, features.Count).MaxBy(i => indices[i]);
        figures.Add("psi_max", indices[worst], count: context.Input.Evaluation.RowCount, note: $"Largest over features: {features[worst - 1]}.");
        figures.Add("features_beyond_critical", Enumerable.Range(1, features.Count).Count(i => indices[i] > StabilityBins.CriticalValue(bins[i])),
            count: features.Count, note: "About one feature in twenty is expected beyond its 5 percent critical value without any drift.");

        return new Finding(
            $"The index of the score is {Figures.Text(indices[0])}; the largest of {features.Count} features is {Figures.Text(indices[worst])} ({features[worst - 1]}, "
            + $"critical value {Figures.Text(StabilityBins.CriticalValue(bins[worst]))}); {adjusted.Count(p => p < 0.05)} features moved significantly after adjustment.",
            figures.All)
        {
            Tables = [Summary(features, bins, indices, pValues, adjusted), BinTable(features, bins)],
        };

        void Add(string name, string? group, int slot, double? adjustedPValue) =>
            figures.Add(name, indices[slot], group, count: bins[slot].Sum(b => b.Evaluation), pValue: pValues[slot], adjusted: adjustedPValue,
                test: group is null ? "chi-squared approximation" : "chi-squared approximation, Benjamini-Hochberg over features");
    }

    private static Table Summary(IReadOnlyList<string> features, IReadOnlyList<StabilityBin>[] bins, double[] indices, double[] pValues, double[] adjusted) =>
        new("psi", "Population stability index",
            [
                new("variable", "Variable", "text"), new("psi", "Index"), new("critical_value", "5% critical value"), new("p_value", "p", "pvalue"),
                new("adjusted_p_value", "p, adjusted", "pvalue"), new("bins", "Bins", "integer"),
            ],
            [.. Enumerable.Range(0, bins.Length).OrderBy(i => i == 0 ? 0 : 1).ThenByDescending(i => indices[i]).ThenBy(i => i).Select(i => (IReadOnlyList<Cell>)
                [
                    i == 0 ? "score" : features[i - 1], indices[i], StabilityBins.CriticalValue(bins[i]), pValues[i], i == 0 ? (double?)null : adjusted[i - 1], (double)bins[i].Count,
                ])]);

    private static Table BinTable(IReadOnlyList<string> features, IReadOnlyList<StabilityBin>[] bins) =>
        new("psi_bins", "Frozen bins and their rows",
            [new("variable", "Variable", "text"), new("bin", "Bin", "text"), new("training", "Training rows", "integer"), new("evaluation", "Evaluation rows", "integer")],
            [.. bins.SelectMany((list, i) => list.Select(b => (IReadOnlyList<Cell>)[i == 0 ? "score" : features[i - 1], b.Name, (double)b.Training, (double)b.Evaluation]))]);
}
