using Governance.Data;
using Governance.Models.Trees;

namespace Governance.Models.Training;

/// <summary>How boosted trees are grown. Immutable.</summary>
/// <param name="Rounds">Number of trees.</param>
/// <param name="Depth">Splits on the longest path, 1 to 12.</param>
/// <param name="LearningRate">Share of each tree's step that is taken, in (0, 1].</param>
/// <param name="MinLeafRows">Fewest rows of a leaf.</param>
/// <param name="Penalty">L2 penalty on leaf values.</param>
/// <param name="Bins">Most values a feature is cut into, 2 to 255.</param>
/// <param name="RowShare">Share of rows each tree sees, drawn without replacement by the seed, in (0, 1].</param>
public sealed record BoostedTreesSettings(
    int Rounds = 60, int Depth = 3, double LearningRate = 0.1, int MinLeafRows = 20, double Penalty = 1, int Bins = 64, double RowShare = 1);

/// <summary>
/// Gradient boosting of the logistic loss with second-order steps over binned features (Friedman 2001; Chen and Guestrin 2016). Missing values take the side that
/// lowers the loss more. The same rows, labels and seed give the same trees.
/// </summary>
public static class BoostedTrees
{
    /// <exception cref="ArgumentException">Not one label per row, other labels than 0 and 1, or a single class.</exception>
    public static TreeEnsemble Fit(FeatureMatrix data, ReadOnlySpan<double> labels, BoostedTreesSettings settings, long seed, CancellationToken cancellationToken)
    {
        TrainingData.RequireLabels(data, labels);
        var rate = labels.ToArray().Average();
        var start = Math.Log(rate / (1 - rate));
        var grower = new Grower(BinnedFeatures.Of(data, settings.Bins), labels.ToArray(), settings, start);
        var random = new SeededRandom((ulong)seed);
        for (var round = 0; round < settings.Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            grower.AddTree(random);
        }

        return grower.Build(data.Features, start);
    }

    private sealed class Grower(BinnedFeatures binned, double[] labels, BoostedTreesSettings settings, double start)
    {
        private readonly double[] margin = [.. Enumerable.Repeat(start, labels.Length)];
        private readonly double[] gradient = new double[labels.Length];
        private readonly double[] curvature = new double[labels.Length];
        private readonly List<TreeNode> nodes = [];
        private readonly List<int> roots = [];

        public TreeEnsemble Build(IReadOnlyList<string> features, double origin) => new(features, nodes.ToArray(), roots.ToArray(), origin, TreeLink.Logistic);

        public void AddTree(SeededRandom random)
        {
            for (var i = 0; i < labels.Length; i++)
            {
                var p = LogisticModel.Sigmoid(margin[i]);
                gradient[i] = p - labels[i];
                curvature[i] = Math.Max(p * (1 - p), 1e-12);
            }

            int[] rows = [.. Enumerable.Range(0, labels.Length).Where(_ => settings.RowShare >= 1 || random.Chance(settings.RowShare))];
            roots.Add(Grow(rows, settings.Depth));
            var root = roots[^1];
            for (var i = 0; i < margin.Length; i++)
            {
                margin[i] += nodes[binned.Leaf(nodes, root, i)].Weight;
            }
        }

        private int Grow(int[] rows, int depth)
        {
            double g = 0, h = 0;
            foreach (var row in rows)
            {
                g += gradient[row];
                h += curvature[row];
            }

            var at = nodes.Count;
            nodes.Add(new TreeNode(BranchMode.Leaf, 0, 0, 0, 0, false, (float)(-settings.LearningRate * g / (h + settings.Penalty))));
            if (depth > 0 && Best(rows, g, h) is { } split)
            {
                var left = Grow([.. rows.Where(r => binned.GoesLeft(r, split))], depth - 1);
                var right = Grow([.. rows.Where(r => !binned.GoesLeft(r, split))], depth - 1);
                nodes[at] = new TreeNode(BranchMode.LessOrEqual, split.Feature, binned.Edge(split), left, right, split.MissingLeft, 0);
            }

            return at;
        }

        /// <summary>The split with the largest gain; null when none gains. Ties go to the first feature and the lowest edge.</summary>
        private Split? Best(int[] rows, double g, double h)
        {
            var best = 1e-9;
            Split? found = null;
            for (var f = 0; f < binned.Features; f++)
            {
                var cells = binned.Sum(f, rows, gradient, curvature);
                var missing = cells[^1];
                double left = 0, leftH = 0;
                var leftRows = 0;
                for (var b = 0; b < cells.Length - 2; b++)
                {
                    left += cells[b].Gradient;
                    leftH += cells[b].Curvature;
                    leftRows += cells[b].Rows;
                    Consider(new Split(f, b, false), left, leftH, leftRows);
                    if (missing.Rows > 0)
                    {
                        Consider(new Split(f, b, true), left + missing.Gradient, leftH + missing.Curvature, leftRows + missing.Rows);
                    }
                }
            }

            return found;

            void Consider(Split split, double lg, double lh, int count)
            {
                if (count < settings.MinLeafRows || rows.Length - count < settings.MinLeafRows)
                {
                    return;
                }

                double rg = g - lg, rh = h - lh;
                var gain = (lg * lg / (lh + settings.Penalty)) + (rg * rg / (rh + settings.Penalty)) - (g * g / (h + settings.Penalty));
                if (gain > best)
                {
                    (best, found) = (gain, split);
                }
            }
        }
    }

    private readonly record struct Split(int Feature, int Bin, bool MissingLeft);

    private record struct Cell(double Gradient, double Curvature, int Rows);

    /// <summary>Features as bin numbers, column by column: bin b holds values up to edge b; the last bin holds missing values.</summary>
    private sealed class BinnedFeatures
    {
        private readonly float[][] edges;
        private readonly byte[][] bins;

        private BinnedFeatures(float[][] edges, byte[][] bins)
        {
            this.edges = edges;
            this.bins = bins;
        }

        public int Features => edges.Length;

        public static BinnedFeatures Of(FeatureMatrix data, int most)
        {
            var width = data.Features.Count;
            var (edges, bins) = (new float[width][], new byte[width][]);
            for (var f = 0; f < width; f++)
            {
                var column = new float[data.RowCount];
                for (var r = 0; r < column.Length; r++)
                {
                    column[r] = data.Row(r)[f];
                }

                var known = column.Where(v => !float.IsNaN(v)).Order().ToArray();
                var distinct = known.Distinct().ToArray();
                edges[f] = distinct.Length < most
                    ? [.. distinct.SkipLast(1)]
                    : [.. Enumerable.Range(1, most - 1).Select(q => known[(int)((long)q * known.Length / most) - 1]).Distinct().Where(e => e < known[^1])];
                var upper = edges[f];
                bins[f] = Array.ConvertAll(column, v => float.IsNaN(v) ? (byte)(upper.Length + 1) : Bin(upper, v));
            }

            return new BinnedFeatures(edges, bins);
        }

        /// <summary>One cell per edge, one for values above the last, one for missing values.</summary>
        public Cell[] Sum(int feature, int[] rows, double[] gradient, double[] curvature)
        {
            var cells = new Cell[edges[feature].Length + 2];
            var column = bins[feature];
            foreach (var row in rows)
            {
                ref var cell = ref cells[column[row]];
                cell.Gradient += gradient[row];
                cell.Curvature += curvature[row];
                cell.Rows++;
            }

            return cells;
        }

        public float Edge(Split split) => edges[split.Feature][split.Bin];

        public bool GoesLeft(int row, Split split)
        {
            var bin = bins[split.Feature][row];
            return bin == edges[split.Feature].Length + 1 ? split.MissingLeft : bin <= split.Bin;
        }

        public int Leaf(List<TreeNode> nodes, int root, int row)
        {
            var at = root;
            while (nodes[at] is { Mode: not BranchMode.Leaf } node)
            {
                var bin = bins[node.Feature][row];
                var left = bin == edges[node.Feature].Length + 1 ? node.MissingGoesTrue : bin < edges[node.Feature].Length && edges[node.Feature][bin] <= node.Threshold;
                at = left ? node.True : node.False;
            }

            return at;
        }

        private static byte Bin(float[] upper, float value)
        {
            var at = Array.BinarySearch(upper, value);
            return (byte)(at < 0 ? ~at : at);
        }
    }
}
