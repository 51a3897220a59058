using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Data;

namespace Governance.Checks.Fairness;

/// <summary>Is there any subgroup, of whatever combination of values, whose risk the scores state wrongly?</summary>
public sealed class SubgroupScanCheck : TallyCheck
{
    private const int StreamId = 0x5343414E;

    /// <summary>Values and conditions a subgroup is described by; the others are counted.</summary>
    private const int NamedValues = 6;

    private static readonly CheckParameter Replicates = CheckParameter.Whole("replicates", "Simulated data sets for the p-value.", 99, 19, 9999);
    private static readonly CheckParameter Restarts = CheckParameter.Whole("restarts", "Random starts of the search in each direction.", 3, 1, 100);
    private static readonly CheckParameter Levels = CheckParameter.Whole("max_levels", "Features with at most this many values take part beside the protected attributes; others are cut into quarters.", 6, 2, 50);
    private static readonly CheckParameter Limit = SampledRows.Limit with { Default = 3000 };

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "fairness.subgroup_scan",
        Version = "2",
        Family = CheckFamily.Fairness,
        Title = "Subgroup scan",
        Purpose = "Nobody knows beforehand which combination of traits a model treats wrongly: is there any group of people for whom outcomes are more, or less, frequent than the scores say, beyond what searching so widely finds by chance?",
        Method = "Multi-dimensional subset scan: among all sets of rows that are described by a set of allowed values for each attribute, the one with the largest log likelihood ratio of events whose odds are q times those of the scores, for q above 1 and below 1. "
            + "Ascent attribute by attribute (for a given q the best set of values of one attribute is found exactly), from several random starts. p-value: the same search on data sets simulated from the scores, (1 + those that find as much) / (1 + data sets); the two directions are adjusted by Holm.",
        SignsOfHighRisk = "A small p-value with a subgroup of many rows; a subgroup described by a protected attribute, or by what stands in for one.",
        Strengths = "Searches exponentially many groups and pays for it: the p-value is of the largest find. Needs no list of suspects.",
        Limits = "The ascent may stop at a local best, in the data and in the simulations alike. If the scores are miscalibrated overall, the scan finds that first: read calibration before it. Quarters of numeric features are coarse.",
        Sources = ["Zhang and Neill (2016), Identifying significant predictive bias in classifiers, arXiv 1611.08292", "Neill (2012), Fast subset scan for spatial pattern detection, JRSS B 74"],
        Parameters = [Replicates, Restarts, Levels, Limit],
        Measures =
        [
            new("scan_score", "log-likelihood ratio of the strongest subgroup", 0),
            new("subgroup_rows", "rows of that subgroup", 0),
            new("subgroup_observed_over_expected", "events of that subgroup over those its scores expect", 0),
        ],
    };

    protected override bool IsSeeded => true;

    protected override string? Lacks(CheckInput input) => Outcomes.Lacks(input.Evaluation);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var sample = new SampledRows(context);
        var scores = context.Input.EvaluationScoresOf(rows).Span;
        var outcome = Outcomes.Of(context.Input.Evaluation);
        var map = tally.Map(0, RowValues.Width(2));
        foreach (var row in sample.PositionsIn(rows).Select(p => sample[p]))
        {
            if (scores[row - rows.Start] is >= 0 and <= 1 and var score && outcome(row) != Outcomes.Unlabelled)
            {
                RowValues.Add(map, row, score, outcome(row));
            }
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var rows = RowValues.Read(tally.Map(0, RowValues.Width(2)));
        var dimensions = Dimension.All(context);
        var figures = new Figures();
        if (rows.Count < 2 || dimensions.Length == 0)
        {
            foreach (var direction in new[] { "more", "less" })
            {
                figures.Insufficient("scan_score", rows.Count < 2 ? "Fewer than two rows have a score in [0, 1] and an outcome." : "No attribute has two values.", $"direction={direction}", rows.Count);
            }

            return new Finding("There is nothing to scan.", figures.All);
        }

        var scores = rows.Select(r => r.Numbers[0]).ToArray();
        var labels = rows.Select(r => r.Numbers[1] == 1).ToArray();
        var codes = dimensions.Select(d => rows.Select(r => d.Code(r.Row)).ToArray()).ToArray();
        var (replicates, restarts) = (context.Parameters.Whole(Replicates.Name), context.Parameters.Whole(Restarts.Name));
        var finds = new List<(string Direction, Subgroup Found, double P)>();
        foreach (var (direction, more) in new[] { ("more", true), ("less", false) })
        {
            var scan = new SubsetScan(scores, codes, [.. dimensions.Select(d => d.Names.Length)], more);
            var found = scan.Search(labels, context.Input.Seed, restarts);
            var atLeast = 0;
            Parallel.For(0, replicates, new ParallelOptions { CancellationToken = cancellationToken }, r =>
            {
                var random = SplitMix64.For(context.Input.Seed ^ StreamId, r, more ? 1 : 0);
                var simulated = new bool[scores.Length];
                for (var i = 0; i < simulated.Length; i++)
                {
                    simulated[i] = random.NextUniform() < scores[i];
                }

                if (scan.Search(simulated, context.Input.Seed + r, restarts).Score >= found.Score)
                {
                    Interlocked.Increment(ref atLeast);
                }
            });
            finds.Add((direction, found, (1.0 + atLeast) / (1 + replicates)));
        }

        var adjusted = Multiplicity.Holm([.. finds.Select(f => f.P)]);
        for (var i = 0; i < finds.Count; i++)
        {
            var (direction, found, p) = finds[i];
            var (group, description) = ($"direction={direction}", Describe(found, dimensions, codes));
            var inside = Enumerable.Range(0, scores.Length).Where(r => found.Contains(codes, r)).ToArray();
            var expected = inside.Sum(r => scores[r]);
            figures.Add("scan_score", found.Score, group, count: rows.Count, pValue: p, adjusted: adjusted[i], test: $"largest of {replicates} simulations, Holm over 2 directions", note: description);
            figures.Add("subgroup_rows", inside.Length, group, count: rows.Count);
            figures.Add("subgroup_observed_over_expected", inside.Count(r => labels[r]) / expected, group, count: inside.Length,
                note: expected > 0 ? "Found by looking for it: not an unbiased estimate." : "The scores expect no event in the subgroup.");
        }

        var least = finds.Zip(adjusted).MinBy(f => f.Second);
        return new Finding(
            string.Create(CultureInfo.InvariantCulture, $"The strongest deviation is of {least.First.Direction} events than scored, for {Describe(least.First.Found, dimensions, codes)} p = {Figures.Text(least.Second)} after adjustment."), figures.All)
        {
            Limitations = new SampledRows(context).Limitation is { } sampled ? [sampled] : [],
        };
    }

    private static string Describe(Subgroup subgroup, Dimension[] dimensions, int[][] codes)
    {
        var parts = dimensions.Select((d, i) => Describe(d, subgroup.Allowed[i], [.. codes[i].Distinct().Order()])).OfType<string>().ToArray();
        return parts.Length == 0 ? "all rows." : $"{string.Join(" and ", parts.Take(NamedValues))}{Rest(parts.Length, "conditions")}.";
    }

    /// <summary>By the values that are in, or by those that are not where they are fewer; null when every value that occurs is in.</summary>
    private static string? Describe(Dimension dimension, bool[] allowed, int[] occurring)
    {
        var (within, without) = (occurring.Where(v => allowed[v]).ToArray(), occurring.Where(v => !allowed[v]).ToArray());
        if (without.Length == 0)
        {
            return null;
        }

        var (word, values) = without.Length < within.Length ? ("not in", without) : ("in", within);
        return $"{dimension.Name} {word} {{{string.Join(", ", values.Take(NamedValues).Select(v => dimension.Names[v]))}{Rest(values.Length, "values")}}}";
    }

    private static string Rest(int count, string what) => count > NamedValues ? $" and {count - NamedValues} more {what}" : "";

    /// <summary>An attribute with few values. Immutable.</summary>
    private sealed record Dimension(string Name, string[] Names, Func<int, int> Code)
    {
        public static Dimension[] All(CheckContext context)
        {
            var sample = new SampledRows(context);
            return
            [
                .. GroupTally.Attributes(context.Input).Where(c => c.Levels.Count is > 0 and <= 200).Select(c => new Dimension(c.Name, [.. c.Levels, "missing"], row => c.Codes.Span[row] < 0 ? c.Levels.Count : c.Codes.Span[row])),
                .. context.Input.Model.Features.Select(f => Of((Float32Column)context.Input.Evaluation[f], sample, context.Parameters.Whole(Levels.Name))).Where(d => d.Names.Length > 2),
            ];
        }

        private static Dimension Of(Float32Column column, SampledRows sample, int levels)
        {
            var sorted = sample.Rows.Select(r => column.Values.Span[r]).Where(v => !float.IsNaN(v)).Order().ToArray();
            var distinct = sorted.Distinct().Take(levels + 1).ToArray();
            float[] edges = distinct.Length <= levels ? [.. distinct.SkipLast(1)] : [.. Enumerable.Range(1, 3).Select(q => sorted[(q * sorted.Length / 4) - 1]).Distinct().Where(e => e < sorted[^1])];
            string Text(float v) => v.ToString("G6", CultureInfo.InvariantCulture);
            string[] names = [.. edges.Select(e => $"up to {Text(e)}"), edges.Length == 0 ? "any" : $"above {Text(edges[^1])}", "missing"];
            return new Dimension(column.Name, names, row =>
            {
                var value = column.Values.Span[row];
                var at = Array.BinarySearch(edges, value);
                return float.IsNaN(value) ? edges.Length + 1 : at < 0 ? ~at : at;
            });
        }
    }
}
