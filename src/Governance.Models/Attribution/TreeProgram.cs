using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Models.Attribution;

/// <summary>A leaf with the players on its path. Immutable.</summary>
/// <param name="Weight">What it adds to the margin.</param>
/// <param name="Start">Of its players in <see cref="TreeProgram.Players"/>.</param>
/// <param name="Count">Distinct players on its path: bits of its pattern.</param>
internal readonly record struct PathLeaf(double Weight, int Start, int Count)
{
    /// <summary>Every condition holds: the row ends here.</summary>
    public uint Full => (uint)((1UL << Count) - 1);
}

/// <summary>Receives, for each leaf of a tree, which players on its path meet all their conditions, row by row.</summary>
internal interface ILeafVisitor
{
    /// <param name="leaf">Index into <see cref="TreeProgram.Leaves"/>.</param>
    /// <param name="patterns">One per row of the block: bit k is set when the row meets every condition of the path on the leaf's k-th player.</param>
    void Visit(int leaf, ReadOnlySpan<uint> patterns);
}

/// <summary>
/// Trees as straight code over blocks of rows: a branch turns the pattern of its path into those of its children with a few vector operations, for all
/// rows at once and without following any row. Immutable and thread-safe.
/// </summary>
internal sealed class TreeProgram
{
    /// <summary>Rows of a block; a multiple of every vector width.</summary>
    public const int BlockRows = 128;

    /// <summary>Bits of a pattern.</summary>
    public const int MaxPlayersOnPath = 32;

    private readonly Step[] steps;
    private readonly int[] treeStarts;

    private TreeProgram(Step[] steps, int[] treeStarts, PathLeaf[] leaves, int[] players, double[] fractions, int[] leafStarts, int depth, int columns, double constant)
    {
        this.steps = steps;
        this.treeStarts = treeStarts;
        Leaves = leaves;
        Players = players;
        Fractions = fractions;
        LeafStarts = leafStarts;
        Slots = 2 * (depth + 1);
        ColumnCount = columns;
        Constant = constant;
    }

    public PathLeaf[] Leaves { get; }

    /// <summary>Players of the leaves' paths.</summary>
    public int[] Players { get; }

    /// <summary>For each player of a path the share of training weight that its conditions let through; empty without covers.</summary>
    public double[] Fractions { get; }

    /// <summary>First leaf of each tree, and the number of leaves last.</summary>
    public int[] LeafStarts { get; }

    public int TreeCount => treeStarts.Length - 1;

    /// <summary>Patterns alive at once.</summary>
    public int Slots { get; }

    public int ColumnCount { get; }

    /// <summary>Sum of the trees that have no branch.</summary>
    public double Constant { get; }

    /// <exception cref="ModelRefusedException">A path asks for more different players than a pattern has bits.</exception>
    public static TreeProgram Compile(TreeStructure model, PlayerSet players, ReadOnlySpan<double> covers)
    {
        var compiler = new Compiler(model, players, covers.ToArray());
        return compiler.Run();
    }

    /// <summary>Runs one tree over a block.</summary>
    /// <param name="columns">Column-major <c>[ColumnCount, BlockRows]</c>.</param>
    /// <param name="patterns">Scratch of Slots · BlockRows.</param>
    public void Run<TVisitor>(int tree, ReadOnlySpan<float> columns, Span<uint> patterns, ref TVisitor visitor)
        where TVisitor : ILeafVisitor, allows ref struct
    {
        patterns[..BlockRows].Clear();
        ref var block = ref MemoryMarshal.GetReference(patterns);
        ref var values = ref MemoryMarshal.GetReference(columns);
        for (var s = treeStarts[tree]; s < treeStarts[tree + 1]; s++)
        {
            ref readonly var step = ref steps[s];
            if (step.Mode is BranchMode.Leaf)
            {
                visitor.Visit(step.Column, patterns.Slice(step.In * BlockRows, BlockRows));
                continue;
            }

            Branch(
                in step,
                ref Unsafe.Add(ref values, step.Column * BlockRows),
                ref Unsafe.Add(ref block, step.In * BlockRows),
                ref Unsafe.Add(ref block, step.True * BlockRows),
                ref Unsafe.Add(ref block, step.False * BlockRows));
        }
    }

    /// <summary>Runs every tree over one row: the pattern of each leaf goes to <paramref name="leafPatterns"/>.</summary>
    /// <param name="patterns">Scratch of Slots.</param>
    /// <param name="leafPatterns">One per leaf.</param>
    public void RunRow(ReadOnlySpan<float> derived, Span<uint> patterns, Span<uint> leafPatterns)
    {
        patterns[0] = 0;
        for (var s = 0; s < steps.Length; s++)
        {
            ref readonly var step = ref steps[s];
            var pattern = patterns[step.In];
            if (step.Mode is BranchMode.Leaf)
            {
                leafPatterns[step.Column] = pattern;
                continue;
            }

            var holds = Holds(in step, derived[step.Column]) ? step.Bit : 0;
            var others = pattern & ~step.Bit;
            var allowed = pattern | step.New;
            patterns[step.True] = others | (holds & allowed);
            patterns[step.False] = others | (~holds & step.Bit & allowed);
        }
    }

    private static bool Holds(in Step step, float value) => TreeEnsemble.GoesTrue(new TreeNode(step.Mode, 0, step.Threshold, 0, 0, step.Missing, 0), value);

    private static void Branch(in Step step, ref float values, ref uint from, ref uint whenTrue, ref uint whenFalse)
    {
        var threshold = Vector256.Create(step.Threshold);
        var bit = Vector256.Create(step.Bit);
        var fresh = Vector256.Create(step.New);
        for (nuint r = 0; r < BlockRows; r += 8)
        {
            var x = Vector256.LoadUnsafe(ref values, r);
            var holds = step.Mode switch
            {
                BranchMode.LessOrEqual => Vector256.LessThanOrEqual(x, threshold),
                BranchMode.Less => Vector256.LessThan(x, threshold),
                BranchMode.Greater => Vector256.GreaterThan(x, threshold),
                BranchMode.GreaterOrEqual => Vector256.GreaterThanOrEqual(x, threshold),
                BranchMode.Equal => Vector256.Equals(x, threshold),
                _ => ~Vector256.Equals(x, threshold),
            };
            if (step.Missing)
            {
                holds |= ~Vector256.Equals(x, x);
            }

            var pattern = Vector256.LoadUnsafe(ref from, r);
            var others = Vector256.AndNot(pattern, bit);
            var allowed = (pattern | fresh) & bit;
            (others | (allowed & holds.AsUInt32())).StoreUnsafe(ref whenTrue, r);
            (others | Vector256.AndNot(allowed, holds.AsUInt32())).StoreUnsafe(ref whenFalse, r);
        }
    }

    /// <param name="Mode">Leaf: Column is the leaf's index.</param>
    /// <param name="Bit">Of the branch's player in the patterns below.</param>
    /// <param name="New">The same bit where the path meets the player for the first time, else 0.</param>
    /// <param name="In">Slot of the path so far; True and False those of the children.</param>
    private readonly record struct Step(BranchMode Mode, int Column, float Threshold, bool Missing, uint Bit, uint New, int In, int True, int False);

    private sealed class Compiler(TreeStructure model, PlayerSet players, double[] covers)
    {
        private readonly List<Step> steps = [];
        private readonly List<PathLeaf> leaves = [];
        private readonly List<int> leafPlayers = [];
        private readonly List<double> fractions = [];
        private readonly List<(int Player, double Fraction)> path = [];
        private int depth;
        private double constant;

        public TreeProgram Run()
        {
            List<int> treeStarts = [], leafStarts = [];
            foreach (var root in model.Trees.Roots.Span)
            {
                treeStarts.Add(steps.Count);
                leafStarts.Add(leaves.Count);
                Grow(root, 0, 0);
            }

            treeStarts.Add(steps.Count);
            leafStarts.Add(leaves.Count);
            return new TreeProgram([.. steps], [.. treeStarts], [.. leaves], [.. leafPlayers], [.. fractions], [.. leafStarts], depth, model.Columns.Columns.Count, constant);
        }

        private void Grow(int at, int level, int slot)
        {
            depth = Math.Max(depth, level);
            var node = model.Trees.Nodes.Span[at];
            if (node.Mode is BranchMode.Leaf)
            {
                Leaf(node, slot);
                return;
            }

            var player = players.OfFeature[model.Columns.Columns[node.Feature].Source];
            var index = path.FindIndex(p => p.Player == player);
            var isNew = index < 0;
            if (isNew)
            {
                index = path.Count;
                if (index == MaxPlayersOnPath)
                {
                    throw new ModelRefusedException($"A path of a tree asks for more than {MaxPlayersOnPath} different features; exact explanations are limited to that.");
                }

                path.Add((player, 1));
            }

            var bit = 1u << index;
            var (whenTrue, whenFalse) = ((2 * level) + 2, (2 * level) + 3);
            steps.Add(new Step(node.Mode, node.Feature, node.Threshold, node.MissingGoesTrue, bit, isNew ? bit : 0, slot, whenTrue, whenFalse));
            var before = path[index].Fraction;
            path[index] = (player, before * Share(node.True, node.False));
            Grow(node.True, level + 1, whenTrue);
            path[index] = (player, before * Share(node.False, node.True));
            Grow(node.False, level + 1, whenFalse);
            path[index] = (player, before);
            if (isNew)
            {
                path.RemoveAt(index);
            }
        }

        private void Leaf(TreeNode node, int slot)
        {
            // A leaf of weight 0 contributes to nobody, and a tree that is one leaf has no players.
            if (node.Weight == 0 || path.Count == 0)
            {
                constant += path.Count == 0 ? node.Weight : 0;
                return;
            }

            steps.Add(new Step(BranchMode.Leaf, leaves.Count, 0, false, 0, 0, slot, 0, 0));
            leaves.Add(new PathLeaf(node.Weight, leafPlayers.Count, path.Count));
            leafPlayers.AddRange(path.Select(p => p.Player));
            if (covers.Length > 0)
            {
                fractions.AddRange(path.Select(p => p.Fraction));
            }
        }

        /// <summary>Share of a node's weight that goes to a child; halves where training never came.</summary>
        private double Share(int child, int sibling)
        {
            if (covers.Length == 0)
            {
                return 1;
            }

            // The children's own sum: converters and recounts need not make it the parent's to the last digit.
            var sum = covers[child] + covers[sibling];
            return sum > 0 ? covers[child] / sum : 0.5;
        }
    }
}
