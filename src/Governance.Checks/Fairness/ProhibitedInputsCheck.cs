using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Fairness;

/// <summary>Does the answer change when nothing changes but an input that must not matter?</summary>
public sealed class ProhibitedInputsCheck : TallyCheck
{
    private const int Same = 0;
    private const int Flipped = 1;
    private const int NoScore = 2;
    private const int Width = 3;

    private static readonly CheckParameter Values = CheckParameter.Whole("values", "Most values, or combinations of a group's columns, that are tried: the most frequent ones.", 12, 2, 1000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.prohibited_inputs",
        Version = "1",
        Family = CheckFamily.Fairness,
        Title = "Prohibited inputs",
        Purpose = "Would the same applicant be treated otherwise if only a characteristic that must not count were another?",
        Method = "Features that the rules declare prohibited (isProhibited) are set, in every sampled row and all else kept, to each value that occurs in the data; prohibited features of one group (the columns of a one-hot code) change together, to the combinations that occur. "
            + "Per feature or group: largest change of the score over rows and values, and the share of rows whose decision some value changes, with Clopper-Pearson's interval.",
        SignsOfHighRisk = "Any change at all, however small: the model reads a characteristic that it must not use.",
        Strengths = "Exact and model-agnostic: shows use of the input itself, whatever the outcomes and however groups are made up.",
        Limits = "Finds direct use only. Features that stand for a prohibited one are the matter of proxy power, and features that were made from it are not seen unless they are declared too. At most the most frequent values are tried.",
        Sources = ["12 CFR 1002.6(b) (Regulation B)", "Kusner et al. (2017), Counterfactual fairness, NeurIPS 30: the flip is its simplest case, without a causal model"],
        Parameters = [SampledRows.Limit with { Default = 2000 }, Values, CheckParameters.Confidence],
        Measures =
        [
            new("score_change", "largest change of the score when one prohibited input changes", 0, 1),
            new("max_score_change", "the largest of them", 0, 1),
            new("decision_flip_rate", "share of rows whose decision another value of it changes", 0, 1),
            new("prohibited_inputs", "features or groups that are declared prohibited", 0),
        ],
        Thresholds = [new("max_score_change", LimitKind.AtMost, [0], "A prohibited input must not be used (12 CFR 1002.6(b)).")],
    };

    protected override bool ReadsFeatureRules => true;

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        var players = Players(context, sample);
        var width = context.Input.Model.Features.Count;
        foreach (var positions in players.Length == 0 ? [] : sample.BlocksIn(rows))
        {
            var values = FeatureRows.Gather(context.Input.Evaluation, context.Input.Model.Features, Array.ConvertAll(positions, p => sample[p]));
            var before = Score(context, values, positions.Length, cancellationToken);
            foreach (var (p, player) in players.Index())
            {
                var (change, flips, scored) = (new double[positions.Length], new bool[positions.Length], Array.ConvertAll(before, s => !double.IsNaN(s)));
                foreach (var alternative in player.Alternatives)
                {
                    var changed = (float[])values.Clone();
                    for (var i = 0; i < positions.Length; i++)
                    {
                        foreach (var (at, feature) in player.Features.Index())
                        {
                            changed[(i * width) + feature] = alternative[at];
                        }
                    }

                    var after = Score(context, changed, positions.Length, cancellationToken);
                    for (var i = 0; i < positions.Length; i++)
                    {
                        scored[i] &= !double.IsNaN(after[i]);
                        change[i] = Math.Max(change[i], Math.Abs(after[i] - before[i]));
                        flips[i] |= after[i] >= context.Input.Threshold != before[i] >= context.Input.Threshold;
                    }
                }

                for (var i = 0; i < positions.Length; i++)
                {
                    tally.Map(2 * p, 1).Add(change[i], 0, scored[i] ? 1 : 0);
                    tally.Map((2 * p) + 1, Width).Add(0, !scored[i] ? NoScore : flips[i] ? Flipped : Same);
                }
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        var players = Players(context, sample);
        var figures = new Figures();
        foreach (var (p, player) in players.Index())
        {
            var (changes, decisions, group) = (tally.Map(2 * p, 1), tally.Map((2 * p) + 1, Width), $"feature={player.Name}");
            long flipped = decisions.Total(Flipped), rows = flipped + decisions.Total(Same), none = decisions.Total(NoScore);
            if (rows == 0 || player.Alternatives.Length < 2)
            {
                figures.Undefined("score_change", rows == 0 ? "No row has a score with every value." : "Only one value occurs, so there is nothing to change it to.", group, rows);
                continue;
            }

            var note = $"{player.Alternatives.Length} values tried.{(none > 0 ? $" {none} rows have no score with one of them." : "")}";
            figures.Add("score_change", changes.Key(changes.Length - 1), group, count: rows, note: note);
            figures.Add("decision_flip_rate", (double)flipped / rows, group, Proportion.ClopperPearson(flipped, rows, context.Confidence), rows, note: note);
        }

        figures.Add("prohibited_inputs", players.Length, count: context.Input.Model.Features.Count);
        var worst = figures.All.Where(m => m.Name == "score_change" && m.Value is not null).MaxBy(m => m.Value);
        if (worst is null)
        {
            figures.Undefined("max_score_change", players.Length == 0 ? "No feature is declared prohibited (rule isProhibited)." : "No prohibited feature could be changed.", count: 0);
        }
        else
        {
            figures.Add("max_score_change", worst.Value, count: worst.Count, note: $"Largest at {worst.Group}.");
        }

        return new Finding(
            players.Length == 0 ? "No feature is declared prohibited."
            : worst is null ? "No prohibited feature could be changed."
            : string.Create(CultureInfo.InvariantCulture, $"Changing a prohibited input alone moves the score by at most {Figures.Text(worst.Value)} ({worst.Group!["feature=".Length..]}), over {players.Length} prohibited inputs."),
            figures.All)
        {
            Limitations = players.Length > 0 && sample.Limitation is { } limitation ? [limitation] : [],
        };
    }

    private static double[] Score(CheckContext context, float[] values, int rows, CancellationToken cancellationToken)
    {
        var scores = new double[rows];
        if (!Scoring.TryScore(context.Input.Model, values, scores, cancellationToken))
        {
            // A row that is refused must not spoil its block.
            var width = values.Length / rows;
            for (var i = 0; i < rows; i++)
            {
                scores[i] = Scoring.OrNaN(context.Input.Model, values.AsSpan(i * width, width), cancellationToken);
            }
        }

        return scores;
    }

    private static Player[] Players(CheckContext context, SampledRows sample) => context.Input.Once<Player[]>($"prohibited {sample.Count} {context.Parameters.Whole(Values.Name)}", () =>
    {
        var input = context.Input;
        FeatureRule Rule(int feature) => input.FeatureRules.GetValueOrDefault(input.Model.Features[feature], FeatureRule.None);
        return
        [
            .. Enumerable.Range(0, input.Model.Features.Count).Where(f => Rule(f).IsProhibited).GroupBy(f => Rule(f).Group ?? input.Model.Features[f]).Select(g =>
            {
                int[] features = [.. g];
                var columns = Array.ConvertAll(features, f => ((Float32Column)input.Evaluation[input.Model.Features[f]]).Values);
                var seen = sample.Rows.Select(r => Array.ConvertAll(columns, c => c.Span[r])).GroupBy(v => string.Join(' ', v.Select(BitConverter.SingleToUInt32Bits)), StringComparer.Ordinal);
                return new Player(g.Key, features, [.. seen.OrderByDescending(v => v.Count()).ThenBy(v => v.Key, StringComparer.Ordinal).Take(context.Parameters.Whole(Values.Name)).Select(v => v.First())]);
            }),
        ];
    });

    /// <summary>Features that change together, and what to.</summary>
    private sealed record Player(string Name, int[] Features, float[][] Alternatives);
}
