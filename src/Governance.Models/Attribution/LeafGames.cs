using System.Buffers;
using System.Numerics;
using Governance.Models.Trees;

namespace Governance.Models.Attribution;

/// <summary>The Shapley values of one leaf for every pattern a row can have there. Immutable and thread-safe.</summary>
internal interface ILeafGame
{
    /// <summary>Mean of the margin without knowledge of a row.</summary>
    double ExpectedValue { get; }

    /// <summary>Contributions of a leaf's players.</summary>
    /// <param name="values">Receives one value per player of the leaf.</param>
    void Values(int leaf, uint pattern, Span<double> values);
}

/// <summary>
/// Interventional: absent players take the values of a background row. All background rows that meet the same conditions of a path count together, so
/// a leaf knows its background as a short list of patterns with weights, however long the background is (the idea of WOODELF, Nadel and Wettenstein 2026).
/// </summary>
internal sealed class BackgroundGame : ILeafGame
{
    private const int DensePlayers = 12;
    private const int MaxPatterns = 100_000_000;

    private readonly TreeProgram program;
    private readonly int[] starts;
    private readonly uint[] patterns;
    private readonly double[] shares;

    private BackgroundGame(TreeProgram program, int[] starts, uint[] patterns, double[] shares, double expected)
    {
        this.program = program;
        this.starts = starts;
        this.patterns = patterns;
        this.shares = shares;
        ExpectedValue = expected;
    }

    public double ExpectedValue { get; }

    /// <param name="background">Column-major blocks of background rows.</param>
    /// <exception cref="ModelRefusedException">Trees and background together are too large.</exception>
    public static BackgroundGame Of(TreeProgram program, double margin, ColumnBlocks background, CancellationToken cancellationToken)
    {
        var firsts = new int[program.Leaves.Length + 1];
        List<uint> found = [];
        List<double> parts = [];
        var expected = margin + program.Constant;
        var slots = new uint[program.Slots * TreeProgram.BlockRows];
        var dense = new int[1 << DensePlayers];
        uint[] seen = [];
        for (var tree = 0; tree < program.TreeCount; tree++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int first = program.LeafStarts[tree], count = program.LeafStarts[tree + 1] - first;
            if (seen.Length < count * background.Rows)
            {
                seen = new uint[count * background.Rows];
            }

            var collector = new Collector(seen, first, background.Rows);
            for (var block = 0; block < background.Count; block++)
            {
                collector.Row = block * TreeProgram.BlockRows;
                program.Run(tree, background.Block(block), slots, ref collector);
            }

            for (var leaf = first; leaf < first + count; leaf++)
            {
                firsts[leaf] = found.Count;
                Aggregate(seen.AsSpan((leaf - first) * background.Rows, background.Rows), program.Leaves[leaf].Count, dense, found, parts);
                if (found.Count > firsts[leaf] && found[^1] == program.Leaves[leaf].Full)
                {
                    expected += program.Leaves[leaf].Weight * parts[^1];
                }
            }

            if (found.Count > MaxPatterns)
            {
                throw new ModelRefusedException("The trees are too many and too deep for exact explanations against this background; use fewer background rows.");
            }
        }

        firsts[^1] = found.Count;
        return new BackgroundGame(program, firsts, [.. found], [.. parts], expected);
    }

    public void Values(int leaf, uint pattern, Span<double> values)
    {
        values.Clear();
        var path = program.Leaves[leaf];
        var absent = path.Full & ~pattern;
        var missing = BitOperations.PopCount(absent);
        var losses = 0.0;
        for (var i = starts[leaf]; i < starts[leaf + 1]; i++)
        {
            // A player whose condition neither the row nor the background meets closes the leaf to every coalition.
            if ((patterns[i] & absent) != absent)
            {
                continue;
            }

            var gained = pattern & ~patterns[i];
            var gaining = BitOperations.PopCount(gained);
            if (missing > 0)
            {
                losses += shares[i] * ShapleyWeights.Loss(gaining, missing);
            }

            var gain = gaining > 0 ? shares[i] * ShapleyWeights.Gain(gaining, missing) : 0;
            for (; gained != 0; gained &= gained - 1)
            {
                values[BitOperations.TrailingZeroCount(gained)] += gain;
            }
        }

        for (var k = 0; k < values.Length; k++)
        {
            values[k] = path.Weight * ((absent >> k & 1) != 0 ? -losses : values[k]);
        }
    }

    /// <summary>Distinct patterns in ascending order with their share of the background rows.</summary>
    private static void Aggregate(Span<uint> seen, int players, int[] dense, List<uint> found, List<double> parts)
    {
        double rows = seen.Length;
        if (players <= DensePlayers)
        {
            var counts = dense.AsSpan(0, 1 << players);
            counts.Clear();
            foreach (var pattern in seen)
            {
                counts[(int)pattern]++;
            }

            for (var p = 0; p < counts.Length; p++)
            {
                if (counts[p] > 0)
                {
                    found.Add((uint)p);
                    parts.Add(counts[p] / rows);
                }
            }

            return;
        }

        seen.Sort();
        for (int from = 0, to; from < seen.Length; from = to)
        {
            for (to = from + 1; to < seen.Length && seen[to] == seen[from]; to++)
            {
            }

            found.Add(seen[from]);
            parts.Add((to - from) / rows);
        }
    }

    private ref struct Collector(Span<uint> seen, int firstLeaf, int rows) : ILeafVisitor
    {
        private readonly Span<uint> seen = seen;

        public int Row { get; set; }

        public readonly void Visit(int leaf, ReadOnlySpan<uint> patterns) =>
            patterns[..Math.Min(patterns.Length, rows - Row)].CopyTo(seen[(((leaf - firstLeaf) * rows) + Row)..]);
    }
}

/// <summary>
/// Path-dependent: an absent player lets through the share of training weight that its conditions let through. Integrals over coalition sizes by
/// Gauss–Legendre points, exact for the polynomials that occur, so that no division cancels (as in Quadrature-TreeSHAP, arXiv 2605.04497).
/// </summary>
internal sealed class CoverGame : ILeafGame
{
    private static readonly (double[] Points, double[] Weights)[] Rules = [.. Enumerable.Range(0, (TreeProgram.MaxPlayersOnPath / 2) + 1).Select(Rule)];

    private readonly TreeProgram program;

    public CoverGame(TreeProgram program, double margin)
    {
        this.program = program;
        ExpectedValue = margin + program.Constant;
        foreach (var leaf in program.Leaves)
        {
            var share = 1.0;
            for (var k = 0; k < leaf.Count; k++)
            {
                share *= program.Fractions[leaf.Start + k];
            }

            ExpectedValue += leaf.Weight * share;
        }
    }

    public double ExpectedValue { get; }

    public void Values(int leaf, uint pattern, Span<double> values)
    {
        var path = program.Leaves[leaf];
        var through = program.Fractions.AsSpan(path.Start, path.Count);
        var (points, weights) = Rules[(path.Count + 1) / 2];
        Span<double> before = stackalloc double[TreeProgram.MaxPlayersOnPath];
        values.Clear();
        for (var q = 0; q < points.Length; q++)
        {
            var t = points[q];
            var product = 1.0;
            for (var k = 0; k < path.Count; k++)
            {
                before[k] = product;
                product *= Factor(k);
            }

            var after = weights[q];
            for (var k = path.Count - 1; k >= 0; k--)
            {
                values[k] += before[k] * after;
                after *= Factor(k);
            }

            double Factor(int k) => ((1 - t) * program.Fractions[path.Start + k]) + ((pattern >> k & 1) != 0 ? t : 0);
        }

        for (var k = 0; k < path.Count; k++)
        {
            values[k] *= path.Weight * ((pattern >> k & 1) - through[k]);
        }
    }

    /// <summary>Points and weights on [0, 1].</summary>
    private static (double[] Points, double[] Weights) Rule(int order)
    {
        if (order == 0)
        {
            return ([], []);
        }

        var rule = new MathNet.Numerics.Integration.GaussLegendreRule(0, 1, order);
        return (rule.Abscissas, rule.Weights);
    }
}

/// <summary>Rows as column-major blocks of <see cref="TreeProgram.BlockRows"/>; rows beyond the last are zeros. Immutable.</summary>
internal sealed class ColumnBlocks
{
    private readonly float[] values;
    private readonly int columns;

    public ColumnBlocks(Structure.InputColumns columns, ReadOnlySpan<float> rows)
    {
        this.columns = columns.Columns.Count;
        Rows = rows.Length / columns.Features.Count;
        Count = (Rows + TreeProgram.BlockRows - 1) / TreeProgram.BlockRows;
        values = new float[Count * TreeProgram.BlockRows * this.columns];
        for (var block = 0; block < Count; block++)
        {
            var from = block * TreeProgram.BlockRows;
            var count = Math.Min(TreeProgram.BlockRows, Rows - from);
            Fill(columns, rows.Slice(from * columns.Features.Count, count * columns.Features.Count), values.AsSpan(block * this.columns * TreeProgram.BlockRows));
        }
    }

    public int Rows { get; }

    /// <summary>Number of blocks.</summary>
    public int Count { get; }

    public ReadOnlySpan<float> Block(int index) => values.AsSpan(index * columns * TreeProgram.BlockRows, columns * TreeProgram.BlockRows);

    /// <summary>Writes up to a block of rows column by column.</summary>
    public static void Fill(Structure.InputColumns columns, ReadOnlySpan<float> rows, Span<float> block)
    {
        var width = columns.Features.Count;
        var count = rows.Length / width;
        for (var c = 0; c < columns.Columns.Count; c++)
        {
            var column = columns.Columns[c];
            var target = block.Slice(c * TreeProgram.BlockRows, count);
            for (var r = 0; r < count; r++)
            {
                target[r] = rows[(r * width) + column.Source];
            }

            if (column.Steps.Count > 0)
            {
                foreach (ref var value in target)
                {
                    value = column.Apply(value);
                }
            }
        }
    }
}
