using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;
using Governance.Models.Trees;

namespace Governance.Checks.Privacy;

/// <summary>Do the leaves of the trees, or the scores themselves, single out people of the training data?</summary>
public sealed class LeafDisclosureCheck : TallyCheck
{
    private static readonly CheckParameter K = CheckParameter.Whole("k", "A leaf or a score that fewer training rows than this share is counted as disclosive.", 10, 2, 10_000);

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "privacy.leaf_disclosure",
        Version = "1",
        Family = CheckFamily.Privacy,
        Title = "Disclosure through tree leaves",
        Purpose = "Could somebody who holds the model file read off facts about single people of its training data?",
        Method = "All training rows are replayed through the trees as the file defines them. Counted: training rows per leaf, leaves that fewer than k rows reach, leaves whose rows all have one outcome (somebody known to lie there has "
            + "their outcome disclosed), and training rows whose exact score fewer than k rows share. Leaves that no row reaches are left out.",
        SignsOfHighRisk = "Leaves with one or two people; small leaves of one outcome; many rows with a score of their own: trees grown until they remember. Share of disclosive leaves above a few percent when the file leaves the house.",
        Strengths = "Exact, complete and fast: no attack is simulated and nothing is retrained. Counts only.",
        Limits = "Structural: it says what the file holds, not whether somebody can use it. Boosted leaves hold a residual, not an outcome, so a pure leaf of a boosted tree discloses less than one of a forest. The training rows must be those the model was fitted on; k = 10 is a custom of statistical offices.",
        Sources = ["Smith et al. (2022), Safe machine learning model release from trusted research environments: the SACRO-ML package, arXiv 2212.01233", "Hundepool et al. (2012), Statistical Disclosure Control, Wiley"],
        Parameters = [K],
        Measures =
        [
            new("min_leaf_rows", "fewest training rows of a leaf that holds any", 0),
            new("small_leaves", "leaves with fewer training rows than k", 0),
            new("small_leaf_share", "share of such leaves", 0, 1),
            new("rows_in_small_leaves", "share of training rows in such a leaf", 0, 1),
            new("pure_leaf_share", "share of leaves with one outcome", 0, 1),
            new("rows_in_pure_leaves", "share of training rows in such a leaf", 0, 1),
            new("rows_with_rare_score", "share of training rows whose score fewer than k share", 0, 1),
            new("rows_with_unique_score", "share of training rows with a score of their own", 0, 1),
        ],
    };

    protected override string? Lacks(CheckInput input) =>
        input.Training is null ? "No training data is registered." : input.Training.RowCount == 0 ? "The training data has no rows." : Outcomes.Lacks(input.Training) ?? TreeModels.Lacks(input);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken)
    {
        var input = context.Input;
        var trees = TreeModels.Of(input);
        var share = TrainingRows.Of(input, rows);
        var values = FeatureRows.Gather(input.Training!, trees.Features, Enumerable.Range(share.Start, share.Count));
        var outcome = Outcomes.Of(input.Training!);
        var roots = trees.Roots.Span;
        for (var tree = 0; tree < roots.Length; tree++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var leaves = new Dictionary<int, long[]>();
            for (var i = 0; i < share.Count; i++)
            {
                var leaf = TreeEnsemble.Leaf(trees.Nodes.Span, roots[tree], values.AsSpan(i * trees.Features.Count, trees.Features.Count));
                if (!leaves.TryGetValue(leaf, out var counts))
                {
                    leaves[leaf] = counts = new long[Outcomes.Width];
                }

                counts[outcome(share.Start + i)]++;
            }

            foreach (var (leaf, counts) in leaves)
            {
                for (var c = 0; c < counts.Length; c++)
                {
                    tally.Map(tree, Outcomes.Width).Add(leaf, c, counts[c]);
                }
            }
        }

        foreach (var score in input.TrainingScoresOf(share).Span)
        {
            tally.Map(roots.Length, 1).Add(score, 0);
        }
    }

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var k = context.Parameters.Whole(K.Name);
        var trees = TreeModels.Of(context.Input).Roots.Length;
        long leaves = 0, small = 0, pure = 0, rowsInSmall = 0, rowsInPure = 0, visits = 0, least = long.MaxValue;
        for (var tree = 0; tree < trees; tree++)
        {
            var map = tally.Map(tree, Outcomes.Width);
            for (var i = 0; i < map.Length; i++)
            {
                long negatives = map.Count(i, Outcomes.Negative), positives = map.Count(i, Outcomes.Positive), rows = negatives + positives + map.Count(i, Outcomes.Unlabelled);
                var isPure = rows > 1 && Math.Max(negatives, positives) == rows;
                leaves++;
                visits += rows;
                least = Math.Min(least, rows);
                small += rows < k ? 1 : 0;
                rowsInSmall += rows < k ? rows : 0;
                pure += isPure ? 1 : 0;
                rowsInPure += isPure ? rows : 0;
            }
        }

        var scores = tally.Map(trees, 1);
        var training = scores.Total(0);
        var rare = Enumerable.Range(0, scores.Length).Where(i => scores.Count(i, 0) < k).Sum(i => scores.Count(i, 0));
        var unique = Enumerable.Range(0, scores.Length).Count(i => scores.Count(i, 0) == 1);
        var figures = new Figures();
        figures.Add("min_leaf_rows", least, count: visits, note: $"Over {leaves} leaves of {trees} trees that training rows reach.");
        figures.Add("small_leaves", small, count: leaves, note: $"Leaves with fewer than {k} rows.");
        var share = figures.Add("small_leaf_share", (double)small / leaves, count: leaves, note: "Of the leaves that are reached.");
        figures.Add("rows_in_small_leaves", (double)rowsInSmall / visits, count: visits, note: "Mean over the trees of the share of training rows that end in such a leaf.");
        figures.Add("pure_leaf_share", (double)pure / leaves, count: leaves, note: "Leaves of two rows or more that all have one outcome.");
        figures.Add("rows_in_pure_leaves", (double)rowsInPure / visits, count: visits);
        figures.Add("rows_with_rare_score", (double)rare / training, count: training, note: $"Training rows whose exact score fewer than {k} rows share.");
        figures.Add("rows_with_unique_score", (double)unique / training, count: training);
        return new Finding(
            string.Create(CultureInfo.InvariantCulture,
                $"{small} of {leaves} leaves ({share.Value:P1}) are reached by fewer than {k} training rows, the smallest by {least}; {(double)rowsInPure / visits:P1} of the way, rows end in leaves of one outcome."),
            figures.All);
    }
}
