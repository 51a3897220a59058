using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;
using Governance.Models;

namespace Governance.Checks.Fairness;

/// <summary>Is there another threshold or another considered model that serves as well with less disparity?</summary>
public sealed class AlternativesCheck : TallyCheck
{
    private const int StreamId = 0x4C444153;
    private const int MaxLevels = 80;
    private static readonly CheckParameter Loss = new("utility_loss", "Loss of balanced accuracy that would be accepted for less disparity.", 0.01, 0, 0.5);
    private static readonly CheckParameter Steps = CheckParameter.Whole("thresholds", "Thresholds tried per model, at evenly spaced quantiles of its scores.", 19, 1, 199);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.alternatives",
        Version = "1",
        Family = CheckFamily.Fairness,
        Title = "Less discriminatory alternatives",
        Purpose = "Could the bank reach its purpose as well, or nearly, with another cut-off or with another of the models it considered, and treat groups more alike?",
        Method = "Rows are halved at random by the seed. On one half every candidate (the model, the champion and the supplied alternatives, each at quantiles of its scores, and the model as it is used) gets its balanced accuracy and its lowest adverse impact ratio over all groups of all attributes. The Pareto front "
            + "is what no candidate beats in both. Chosen is the candidate with the highest lowest ratio that loses at most the accepted utility; it is then measured on the other half: lowest ratio with Katz's interval, and difference of balanced accuracy with a normal interval (rows taken as independent, which is wide, for they are shared).",
        SignsOfHighRisk = "An alternative whose lowest ratio is clearly higher on the held-out half while the interval of its utility includes that of the model: it will be asked why it was not used.",
        Strengths = "The alternative is confirmed on rows that did not choose it, so the gain is not the best of many chances. Shows the whole front, so the trade-off is the reader's.",
        Limits = "Searches only what was supplied: it trains no new models. Balanced accuracy stands for the bank's purpose; profit may order candidates otherwise. Whether group-aware choice among candidates is lawful where the lender operates is a question for counsel.",
        Sources = ["Gillis, Meursault and Ustun (2024), Operationalizing the search for less discriminatory alternatives in fair lending, FAccT", "Katz, Baptista, Azen and Pike (1978), Biometrics 34"],
        Parameters = [Loss, Steps, CheckParameters.MinGroupSize, CheckParameters.Confidence],
        Measures =
        [
            new("present_min_ratio", "lowest impact ratio now, on the held-out half", 0),
            new("present_utility", "balanced accuracy now", 0, 1),
            new("alternative_min_ratio", "lowest impact ratio of the chosen alternative", 0),
            new("alternative_utility", "balanced accuracy of the chosen alternative", 0, 1),
            new("utility_difference", "utility of the alternative less that now", -1, 1),
            new("candidates", "candidates that were compared", 0),
        ],
        Tables = [new("front", ["candidate", "utility", "ratio", "group"])],
    };

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) =>
        GroupTally.Lacks(input) ?? Outcomes.Lacks(input.Evaluation)
        ?? (GroupTally.Attributes(input).FirstOrDefault(a => a.Levels.Count > MaxLevels) is { } wide ? $"{wide.Name} has more than {MaxLevels} levels; group them first." : null)
        ?? Models(input).Select(m => MissingFeature(input, m.Model, $"The candidate '{m.Name}'")).FirstOrDefault(p => p is not null);

    private static IReadOnlyList<(string Name, IScorer Model)> Models(CheckInput input) =>
    [
        ("model", input.Model), .. input.Champion is { } champion ? new[] { ("champion", champion) } : [], .. input.Alternatives.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => (a.Key, a.Value)),
    ];

    /// <summary>Slots: half, then model, then attribute. Columns: group (0 for none) times outcome.</summary>
    private static int Slot(CheckInput input, int half, int model, int attribute) => (((half * Models(input).Count) + model) * GroupTally.Attributes(input).Count) + attribute;

    private static int Width(CategoryColumn column) => (column.Levels.Count + 1) * Outcomes.Width;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var outcome = Outcomes.Of(input.Evaluation);
        var attributes = GroupTally.Attributes(input);
        foreach (var ((_, model), m) in Models(input).Select((x, m) => (x, m)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scores = input.EvaluationScoresOf(rows, model).Span;
            for (var i = 0; i < rows.Count; i++)
            {
                var half = (int)(SplitMix64.For(input.Seed ^ StreamId, rows.Start + i).Next() >> 63);
                for (var a = 0; a < attributes.Count && !double.IsNaN(scores[i]); a++)
                {
                    var group = attributes[a].Codes.Span[rows.Start + i] + 1;
                    tally.Map(Slot(input, half, m, a), Width(attributes[a])).Add(scores[i], (group * Outcomes.Width) + outcome(rows.Start + i));
                }
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var models = Models(input);
        var candidates = models.SelectMany((m, i) => Thresholds(context, tally, i).Select(t => new Candidate(m.Name, i, t))).Prepend(new Candidate("model", 0, input.Threshold)).Distinct().ToArray();
        var chosen = candidates.Select(c => (Candidate: c, Value: Valuation.Of(context, tally, c, 0))).Where(c => double.IsFinite(c.Value.Utility) && c.Value.Lowest is not null).ToArray();
        var figures = new Figures();
        var present = chosen.FirstOrDefault(c => c.Candidate == candidates[0]);
        if (present.Candidate is null)
        {
            figures.Insufficient("present_min_ratio", "The model as it is used has no balanced accuracy, or no group with enough rows in a half of the data.");
            return new Finding("There is nothing to search from: too few rows, one outcome, or no group large enough.", figures.All);
        }

        var best = chosen.Where(c => c.Value.Utility >= present.Value.Utility - context.Parameters[Loss.Name]).MaxBy(c => c.Value.Lowest!.Value.Ratio);
        var (now, then) = (Valuation.Of(context, tally, present.Candidate, 1), Valuation.Of(context, tally, best.Candidate, 1));
        Add(figures, "present", now, context.Confidence);
        Add(figures, "alternative", then, context.Confidence, best.Candidate.Text);
        var error = Math.Sqrt(now.Variance + then.Variance);
        var difference = figures.Add("utility_difference", then.Utility - now.Utility, count: then.Rows, note: double.IsFinite(then.Utility - now.Utility) ? "Alternative minus present, on the held-out half." : "One outcome is absent from the held-out half.",
            interval: error > 0 && best.Candidate != present.Candidate ? Interval.Around(then.Utility - now.Utility, error, context.Confidence, "normal, independent rows", -1, 1) : null);
        var front = chosen.Where(c => !chosen.Any(o => Beats(o.Value, c.Value))).OrderBy(c => c.Value.Utility).ThenBy(c => c.Candidate.Text, StringComparer.Ordinal).ToArray();
        figures.Add("candidates", chosen.Length, note: $"{models.Count} models; {front.Length} candidates on the front.");
        return new Finding(
            best.Candidate == present.Candidate
                ? $"Of {chosen.Length} candidates none has a higher lowest ratio at an accepted loss of utility; it is {Figures.Text(now.Lowest?.Ratio)} on the held-out half."
                : $"{best.Candidate.Text} has a lowest ratio of {Figures.Text(then.Lowest?.Ratio)} on the held-out half, against {Figures.Text(now.Lowest?.Ratio)} now, at a difference of balanced accuracy of {Figures.Text(difference)}.",
            figures.All)
        {
            Tables =
            [
                new Table("front", "Candidates that none beats in both, on the half that chose", [new("candidate", "Candidate", "text"), new("utility", "Balanced accuracy"), new("ratio", "Lowest adverse impact ratio"), new("group", "Lowest group", "text")],
                    [.. front.Select(f => (IReadOnlyList<Cell>)[f.Candidate.Text, f.Value.Utility, f.Value.Lowest!.Value.Ratio, f.Value.Lowest!.Value.Group])]),
            ],
        };
    }

    private static bool Beats(Valuation a, Valuation b) =>
        a.Utility >= b.Utility && a.Lowest!.Value.Ratio >= b.Lowest!.Value.Ratio && (a.Utility > b.Utility || a.Lowest!.Value.Ratio > b.Lowest!.Value.Ratio);

    private static void Add(Figures figures, string which, Valuation value, double level, string? candidate = null)
    {
        if (value.Lowest is { } lowest)
        {
            figures.Add($"{which}_min_ratio", lowest.Ratio, interval: Proportion.Katz(lowest.Table.A, lowest.Table.A + lowest.Table.B, lowest.Table.C, lowest.Table.C + lowest.Table.D, level), count: lowest.Table.Total,
                note: (candidate is null ? "" : candidate + "; ") + "lowest: " + lowest.Group + ".");
        }
        else
        {
            figures.Insufficient($"{which}_min_ratio", "No group has enough rows in the held-out half.");
        }

        figures.Add($"{which}_utility", value.Utility, count: value.Rows, note: "Balanced accuracy on the held-out half.",
            interval: value.Variance > 0 ? Interval.Around(value.Utility, Math.Sqrt(value.Variance), level, "normal", 0, 1) : null);
    }

    /// <summary>Scores at quantiles of the choosing half.</summary>
    private static IEnumerable<double> Thresholds(CheckContext context, Tally tally, int model)
    {
        var map = tally.Map(Slot(context.Input, 0, model, 0), Width(GroupTally.Attributes(context.Input)[0]));
        var (total, steps) = (map.Total(), context.Parameters.Whole(Steps.Name));
        var (seen, next) = (0L, 1);
        for (var i = 0; i < map.Length && next <= steps; i++)
        {
            seen += Enumerable.Range(0, map.Width).Sum(c => map.Count(i, c));
            if (seen * (steps + 1) >= next * total)
            {
                yield return map.Key(i);
                next = (int)(seen * (steps + 1) / total) + 1;
            }
        }
    }

    private sealed record Candidate(string Model, int Index, double Threshold)
    {
        public string Text => string.Create(CultureInfo.InvariantCulture, $"{Model} at {Threshold:G4}");
    }

    /// <summary>One candidate on one half. Immutable.</summary>
    /// <param name="Utility">Balanced accuracy; NaN without both outcomes.</param>
    /// <param name="Lowest">Null when no group can be compared.</param>
    private sealed record Valuation(double Utility, double Variance, long Rows, (double Ratio, string Group, FourfoldTable Table)? Lowest)
    {
        public static Valuation Of(CheckContext context, Tally tally, Candidate candidate, int half)
        {
            var input = context.Input;
            var minimum = context.Parameters.Whole(CheckParameters.MinGroupSize.Name);
            (double Ratio, string Group, FourfoldTable Table)? lowest = null;
            var confusion = default(Confusion);
            foreach (var (column, a) in GroupTally.Attributes(input).Select((c, a) => (c, a)))
            {
                var map = tally.Map(Slot(input, half, candidate.Index, a), Width(column));
                var cells = new long[2, map.Width];
                for (var i = 0; i < map.Length; i++)
                {
                    var predicted = map.Key(i) >= candidate.Threshold ? 1 : 0;
                    for (var c = 0; c < map.Width; c++)
                    {
                        cells[predicted, c] += map.Count(i, c);
                    }
                }

                long Sum(int predicted, int outcome) => Enumerable.Range(0, column.Levels.Count + 1).Sum(g => cells[predicted, (g * Outcomes.Width) + outcome]);
                confusion = a == 0 ? new Confusion(Sum(1, 1), Sum(1, 0), Sum(0, 0), Sum(0, 1)) : confusion;
                var groups = column.Levels.Select((level, g) =>
                {
                    long Of(int predicted) => Enumerable.Range(0, Outcomes.Width).Sum(o => cells[predicted, ((g + 1) * Outcomes.Width) + o]);
                    return (Level: level, Favourable: Of(input.FavourablePrediction), Rows: Of(0) + Of(1));
                }).Where(g => g.Rows >= minimum).ToArray();
                var reference = input.ReferenceGroups.TryGetValue(column.Name, out var declared) ? groups.FirstOrDefault(g => g.Level == declared) : groups.MaxBy(g => g.Rows);
                foreach (var group in groups.Where(g => g != reference && reference.Favourable > 0))
                {
                    var ratio = (double)group.Favourable / group.Rows / ((double)reference.Favourable / reference.Rows);
                    if (lowest is null || ratio < lowest.Value.Ratio)
                    {
                        lowest = (ratio, $"{column.Name}={group.Level}", new FourfoldTable(group.Favourable, group.Rows - group.Favourable, reference.Favourable, reference.Rows - reference.Favourable));
                    }
                }
            }

            var (p, n) = (confusion.Positives, confusion.Negatives);
            return new Valuation(confusion.BalancedAccuracy, ((confusion.Recall * (1 - confusion.Recall) / p) + (confusion.Specificity * (1 - confusion.Specificity) / n)) / 4, p + n, lowest);
        }
    }
}
