using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Fairness;

/// <summary>Can a feature, or the score, stand in for a protected attribute?</summary>
public sealed class ProxyPowerCheck : TallyCheck
{
    private const int MaxLevels = 200;
    private static readonly CheckParameter Limit = SampledRows.Limit with { Default = 20_000 };

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.proxy_power",
        Version = "1",
        Family = CheckFamily.Fairness,
        Title = "Proxy power of features",
        Purpose = "Which inputs would let the model, or anybody, tell a protected group from its reference group, although the attribute itself is not used?",
        Method = "For every group and every feature, and for the score: AUC of the feature as a classifier of the group against the reference group, folded to 1/2 or more (direction is no matter), with DeLong's interval and the z-test of AUC = 1/2, "
            + "adjusted by Holm over all features of all groups. Missing values are left out of a feature's AUC. The largest of each group is a measure; all are in the table.",
        SignsOfHighRisk = "A feature with AUC above about 0.7 that is also important to the model; a score that separates groups better than any feature does.",
        Strengths = "Needs no labels and no retraining; any monotone transform of a feature gives the same figure.",
        Limits = "One feature at a time: several weak proxies may be strong together. A relation that is not monotone is not seen. Folding lifts the AUC of useless features slightly above 1/2.",
        Sources = ["Mann and Whitney (1947), Annals of Mathematical Statistics 18", "DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44", "Feldman et al. (2015), Certifying and removing disparate impact, KDD"],
        Parameters = [CheckParameters.MinGroupSize, Limit, CheckParameters.Confidence],
        Measures =
        [
            new("max_proxy_auc", "AUC with which one feature tells a group from its reference, not below one half", 0, 1),
            new("score_proxy_auc", "AUC with which the score does", 0, 1),
        ],
        Tables = [new("proxies", ["group", "variable", "auc", "lower", "upper", "adjusted_p_value"])],
        Thresholds =
        [
            new("max_proxy_auc", LimitKind.AtMost, [0.65, 0.7, 0.75], "House.", "consumer-credit-us/proxy_auc_max"),
        ],
    };

    protected override string? Lacks(CheckInput input) =>
        GroupTally.Lacks(input)
        ?? (GroupTally.Attributes(input).FirstOrDefault(a => a.Levels.Count > MaxLevels) is { } wide ? $"{wide.Name} has more than {MaxLevels} levels; group them first." : null);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var positions = new SampledRows(context);
        var sampled = positions.PositionsIn(rows).Select(p => positions[p]).ToArray();
        var scores = input.EvaluationScoresOf(rows);
        var features = input.Model.Features;
        var attributes = GroupTally.Attributes(input);
        for (var a = 0; a < attributes.Count; a++)
        {
            var codes = attributes[a].Codes.Span;
            for (var v = 0; v <= features.Count; v++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var map = tally.Map((a * (features.Count + 1)) + v, Math.Max(1, attributes[a].Levels.Count));
                var column = v == 0 ? null : (Float32Column)input.Evaluation[features[v - 1]];
                foreach (var row in sampled)
                {
                    if (codes[row] >= 0)
                    {
                        map.Add(column is null ? scores.Span[row - rows.Start] : column.Values.Span[row], codes[row]);
                    }
                }
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var minimum = context.Parameters.Whole(CheckParameters.MinGroupSize.Name);
        string[] variables = ["score", .. context.Input.Model.Features];
        var proxies = new List<Proxy>();
        var figures = new Figures();
        foreach (var (column, a) in GroupTally.Attributes(context.Input).Select((c, a) => (c, a)))
        {
            var maps = Enumerable.Range(0, variables.Length).Select(v => tally.Map((a * variables.Length) + v, Math.Max(1, column.Levels.Count))).ToArray();
            var reference = column.Levels.ToList().IndexOf(context.Input.ReferenceGroups.GetValueOrDefault(column.Name, ""));
            for (var code = 0; code < column.Levels.Count; code++)
            {
                var name = $"{column.Name}={column.Levels[code]}";
                var (own, other) = (maps[0].Total(code), reference < 0 ? 0 : maps[0].Total(reference));
                if (code == reference || own == 0)
                {
                    continue;
                }

                if (own < minimum || other < minimum)
                {
                    figures.Insufficient("max_proxy_auc", $"The group has {own} rows and its reference group {other}; {minimum} each are needed.", name, own);
                    continue;
                }

                proxies.AddRange(variables.Select((variable, v) => Proxy.Of(name, variable, maps[v], code, reference)));
            }
        }

        var adjusted = Multiplicity.Holm([.. proxies.Select(p => p.PValue)]);
        var rows = proxies.Zip(adjusted, (p, adjustedP) => (Proxy: p, AdjustedP: adjustedP)).ToArray();
        foreach (var group in rows.GroupBy(r => r.Proxy.Group))
        {
            AddLargest(figures, "max_proxy_auc", group.Where(r => r.Proxy.Variable != "score"), context.Confidence, proxies.Count);
            AddLargest(figures, "score_proxy_auc", group.Where(r => r.Proxy.Variable == "score"), context.Confidence, proxies.Count);
        }

        var worst = figures.All.Where(m => m.Name == "max_proxy_auc" && m.Value is not null).MaxBy(m => m.Value);
        if (worst is null)
        {
            figures.Insufficient("max_proxy_auc", "No group has enough rows to be compared with its reference group.");
        }
        else
        {
            figures.Add("max_proxy_auc", worst.Value, count: worst.Count, note: $"{worst.Group}: {worst.Note}");
        }

        return new Finding(
            worst is null ? "No group could be compared with its reference group." : $"The strongest single proxy is for {worst.Group}, AUC {Figures.Text(worst)}: {worst.Note}",
            figures.All)
        {
            Tables = [ProxyTable(rows, context.Confidence)],
            Limitations = new SampledRows(context).Limitation is { } sampled ? [sampled] : [],
        };
    }

    private static void AddLargest(Figures figures, string name, IEnumerable<(Proxy Proxy, double AdjustedP)> rows, double level, int tests)
    {
        var found = rows.Where(r => double.IsFinite(r.Proxy.Folded)).ToArray();
        if (found.Length == 0)
        {
            figures.Undefined(name, "No value is known in both groups.", rows.First().Proxy.Group);
            return;
        }

        var (proxy, p) = found.MaxBy(r => r.Proxy.Folded);
        figures.Add(name, proxy.Folded, proxy.Group, proxy.Interval(level), proxy.Rows, proxy.PValue, p, $"z, AUC = 1/2, Holm over {tests}", $"{proxy.Variable}.");
    }

    private sealed record Proxy(string Group, string Variable, AucEstimate Auc, long Rows)
    {
        public double Folded => Math.Max(Auc.Value, 1 - Auc.Value);

        /// <summary>1 where the AUC has no variance: no value, or a constant one.</summary>
        public double PValue => Auc.Variance > 0 ? Tail.TwoSidedNormal((Auc.Value - 0.5) / Math.Sqrt(Auc.Variance)) : Folded == 1 ? 0 : 1;

        public Interval? Interval(double level) =>
            (Auc with { Value = Folded }).Interval(level) is { } i ? i with { Lower = Math.Max(0.5, i.Lower) } : null;

        public static Proxy Of(string group, string variable, CountMap map, int code, int reference)
        {
            var known = Enumerable.Range(0, map.Length).Where(i => !double.IsNaN(map.Key(i)) && map.Count(i, code) + map.Count(i, reference) > 0).ToArray();
            var counts = new ScoreCounts([.. known.Select(map.Key)], [.. known.Select(i => map.Count(i, reference))], [.. known.Select(i => map.Count(i, code))]);
            return new Proxy(group, variable, Ranking.Auc(counts), counts.Total);
        }
    }

    private static Table ProxyTable(IEnumerable<(Proxy Proxy, double AdjustedP)> rows, double level) => new("proxies", "Separation of group and reference by one variable",
        [new("group", "Group", "text"), new("variable", "Variable", "text"), new("auc", "AUC, folded"), new("lower", "Lower bound"), new("upper", "Upper bound"), new("adjusted_p_value", "p, adjusted", "pvalue")],
        [.. rows.OrderBy(r => r.Proxy.Group, StringComparer.Ordinal).ThenByDescending(r => r.Proxy.Folded).ThenBy(r => r.Proxy.Variable, StringComparer.Ordinal).Select(r =>
            (IReadOnlyList<Cell>)[r.Proxy.Group, r.Proxy.Variable, r.Proxy.Folded, r.Proxy.Interval(level)?.Lower, r.Proxy.Interval(level)?.Upper, r.AdjustedP])]);
}
