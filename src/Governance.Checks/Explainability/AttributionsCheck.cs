using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Models.Attribution;

namespace Governance.Checks.Explainability;

/// <summary>What does the model's answer consist of, feature by feature, and do the parts add up to it?</summary>
public sealed class AttributionsCheck : TallyCheck
{
    private const int Additivity = 0;
    private const int RuntimeGap = 1;
    private const int Unexplained = 2;
    private const int StandardErrors = 3;
    private const int Contributions = 4;

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "explainability.attributions",
        Version = "1",
        Family = CheckFamily.Explainability,
        Title = "Contributions of features (Shapley values)",
        Purpose = "How much does each feature move the answer, over all applicants, and is the explanation exactly the model that runs?",
        Method = "Interventional Shapley values against evenly spaced training rows. Trees: exact, from the nodes of the ONNX file, on the scale their leaves add up in (log-odds or probability). Linear models: exact, in log-odds. "
            + "Other models: exact over all coalitions of up to 12 features, else paired KernelSHAP on the probability with its standard error. Importance is the mean of the absolute contributions with a normal interval over rows. "
            + "Additivity compares expected value plus contributions with the float64 traversal; the runtime gap compares it, through the link, with the score that ONNX Runtime gave.",
        SignsOfHighRisk = "An additivity error above 1e-9 or a runtime gap above 1e-5: what is explained is not what decides. Most of the answer resting on one feature, on a proxy of a protected attribute or on a feature nobody expected.",
        Strengths = "Exact for trees and linear models at any background size; contributions of a row do not depend on the other rows or on sharding; read from the deployed file, not from the training library.",
        Limits = "Interventional values mix features freely, so combinations that never occur are asked about; correlated features share credit in ways that depend on the background. Contributions say what the model does, not what causes outcomes. "
            + "The interval covers the sample of rows, not the choice of background.",
        Sources = ["Lundberg and Lee (2017), NeurIPS 30", "Lundberg et al. (2020), Nature Machine Intelligence 2", "Nadel and Wettenstein (2026), AAAI, WOODELF", "Covert and Lee (2021), AISTATS"],
        Parameters = [SampledRows.Limit with { Default = 2000 }, Explanation.BackgroundRows, Explanation.BlackBoxRows, Explanation.BlackBoxBackground, CheckParameters.Confidence],
        Measures =
        [
            new("expected_value", "mean answer over the background, in the scale of the explanation"),
            new("mean_abs_contribution", "mean absolute contribution of a feature or group", 0),
            new("top_feature_share", "share of the largest in the sum of all", 0, 1),
            new("additivity_error", "largest gap between contributions and our own evaluation of the model", 0),
            new("largest_standard_error", "largest standard error of a sampled contribution", 0),
            new("runtime_gap", "largest gap between contributions and the running model", 0),
        ],
        Tables =
        [
            new("attributions", ["feature", "mean_abs", "lower", "upper", "mean"]),
            new("background", ["method", "data", "rows", "digest"]),
        ],
        Thresholds =
        [
            new("runtime_gap", LimitKind.AtMost, [0.0001, 0.001, 0.01], "House. Contributions are computed exactly, so what remains is rounding.", "consumer-credit-eu/attribution_gap_max"),
        ],
    };

    protected override bool IsSeeded => true;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var sample = Explanation.Sample(context);
        var explainer = Explainer(context);
        var structure = Explanation.Structure(input);
        var width = input.Model.Features.Count;
        var players = explainer.Players.Count;
        var errors = new double[players];
        foreach (var positions in sample.BlocksIn(rows))
        {
            var values = FeatureRows.Gather(input.Evaluation, input.Model.Features, Array.ConvertAll(positions, p => sample[p]));
            var contributions = new double[positions.Length * players];
            var sampling = explainer as SamplingExplainer;
            if (sampling is null)
            {
                explainer.Explain(values, contributions, cancellationToken);
            }

            for (var i = 0; i < positions.Length; i++)
            {
                var row = values.AsSpan(i * width, width);
                var parts = contributions.AsSpan(i * players, players);
                sampling?.ExplainRow(row, parts, errors, cancellationToken);
                var sum = explainer.ExpectedValue;
                foreach (var part in parts)
                {
                    sum += part;
                }

                if (!double.IsFinite(sum))
                {
                    tally.Map(Unexplained, 1).Add(0, 0);
                    continue;
                }

                if (structure is not null)
                {
                    tally.Map(Additivity, 1).Add(Math.Abs(sum - structure.Margin(row)), 0);
                }

                var score = input.EvaluationScoresOf(new RowRange(sample[positions[i]], 1)).Span[0];
                tally.Map(RuntimeGap, 1).Add(Math.Abs((explainer.Link is Models.Trees.TreeLink.Logistic ? 1 / (1 + Math.Exp(-sum)) : sum) - score), 0);
                for (var p = 0; p < players; p++)
                {
                    tally.Map(Contributions + p, 1).Add(parts[p], 0);
                    if (sampling is { IsExact: false })
                    {
                        tally.Map(StandardErrors, 1).Add(errors[p], 0);
                    }
                }
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var explainer = Explainer(context);
        var figures = new Figures();
        var limitations = new List<string>();
        if (Explanation.Sample(context).Limitation is { } limitation)
        {
            limitations.Add(limitation);
        }

        var unexplained = tally.Map(Unexplained, 1).Total();
        if (unexplained > 0)
        {
            limitations.Add($"{unexplained} rows have no finite explanation (missing or infinite values) and are left out.");
        }

        var scale = explainer.Link is Models.Trees.TreeLink.Logistic ? "log-odds of label 1" : "probability of label 1";
        figures.Add("expected_value", explainer.ExpectedValue, note: $"Answer without knowledge of the applicant; {scale}.");
        Largest("additivity_error", Additivity, Explanation.Structure(context.Input) is null ? "The model's inside cannot be read: the sum is compared with its scores only." : "No row could be explained.");
        Largest("runtime_gap", RuntimeGap, "No row could be explained.");
        Largest("largest_standard_error", StandardErrors, "The contributions are exact, not sampled.");
        var importance = new List<(string Name, Measure Measure, double Mean)>();
        for (var p = 0; p < explainer.Players.Count; p++)
        {
            var map = tally.Map(Contributions + p, 1);
            var group = $"feature={explainer.Players.Names[p]}";
            if (map.Length == 0)
            {
                importance.Add((explainer.Players.Names[p], figures.Undefined("mean_abs_contribution", "No row could be explained.", group, 0), double.NaN));
                continue;
            }

            double n = map.Total(), mean = 0, absolute = 0, squares = 0;
            for (var i = 0; i < map.Length; i++)
            {
                mean += map.Count(i, 0) * map.Key(i);
                absolute += map.Count(i, 0) * Math.Abs(map.Key(i));
            }

            absolute /= n;
            for (var i = 0; i < map.Length; i++)
            {
                squares += map.Count(i, 0) * (Math.Abs(map.Key(i)) - absolute) * (Math.Abs(map.Key(i)) - absolute);
            }

            Interval? interval = n > 1 ? Interval.Around(absolute, Math.Sqrt(squares / (n - 1) / n), context.Confidence, "normal over rows", 0) : null;
            importance.Add((explainer.Players.Names[p], figures.Add("mean_abs_contribution", absolute, group, interval, (long)n), mean / n));
        }

        var total = importance.Sum(i => i.Measure.Value ?? 0);
        figures.Add("top_feature_share", total > 0 ? importance.Max(i => i.Measure.Value) / total : null, note: total > 0 ? "Share of the largest mean absolute contribution in the sum of all." : "Nothing contributes.");
        var sorted = importance.OrderByDescending(i => i.Measure.Value ?? -1).ThenBy(i => i.Name, StringComparer.Ordinal).ToArray();
        return new Finding(
            total > 0
                ? $"By {explainer.Method}, in {scale}, the answer moves most with {string.Join(", ", sorted.Take(3).Select(i => $"{i.Name} ({Figures.Text(i.Measure.Value)})"))}; largest gap to the running model {Figures.Text(figures.All.First(m => m.Name == "runtime_gap").Value)}."
                : "No feature contributes to the answer of any explained row.",
            figures.All)
        {
            Tables =
            [
                new Table("attributions", $"Mean absolute contributions ({scale})",
                    [new("feature", "Feature", "text"), new("mean_abs", "Mean absolute contribution"), new("lower", "Lower bound"), new("upper", "Upper bound"), new("mean", "Mean contribution")],
                    [.. sorted.Select(i => (IReadOnlyList<Cell>)[i.Name, i.Measure.Value, i.Measure.Lower, i.Measure.Upper, double.IsFinite(i.Mean) ? i.Mean : (double?)null])]),
                BackgroundTable.Of(Explanation.Average(context), explainer.Method),
            ],
            Limitations = limitations,
        };

        void Largest(string name, int slot, string otherwise)
        {
            var map = tally.Map(slot, 1);
            if (map.Length == 0)
            {
                figures.Undefined(name, otherwise, count: 0);
            }
            else
            {
                figures.Add(name, map.Key(map.Length - 1), count: map.Total());
            }
        }
    }

    private static IExplainer Explainer(CheckContext context) => context.Input.Once(
        $"average {Explanation.BackgroundCount(context)}",
        () => Explainers.For(context.Input.Model, PlayerSet.OfFeatures(context.Input.Model.Features), Explanation.Average(context).Values, context.Input.Seed, CancellationToken.None));
}

/// <summary>What an explanation can be recomputed from.</summary>
internal static class BackgroundTable
{
    public static Table Of(Background background, string method) => new(
        "background", "Background of the explanations",
        [new("method", "Method", "text"), new("data", "Data", "text"), new("rows", "Rows"), new("digest", "SHA-256 of the float32 values", "text")],
        [[method, background.Source, background.Rows.Length, background.Digest.ToString()]]);
}
