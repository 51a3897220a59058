using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Models.Attribution;

/// <summary>
/// Exact Shapley values of a tree model's margin. A leaf's contributions depend on a row only through which players meet their conditions on its path,
/// so they are looked up: tables of short paths are made in advance, entries of longer ones when first asked for (<see cref="LeafTables"/>). Cost per row does
/// not depend on the size of the background. Thread-safe.
/// </summary>
public sealed class TreeExplainer : IExplainer
{
    /// <summary>Paths of at most this many players: a table column is two AVX-512 registers.</summary>
    private const int ShortPath = 4;

    /// <summary>Leaves ahead of the one that is added whose memory is asked for: places first, entries once the places have come.</summary>
    private const int PlacesAhead = 32;

    private const int EntriesAhead = 16;

    private readonly TreeStructure model;
    private readonly TreeProgram program;
    private readonly ILeafGame game;
    private readonly int[] tableStarts;
    private readonly double[] shortTables;
    private readonly LeafTables longTables;

    private TreeExplainer(TreeStructure model, PlayerSet players, TreeProgram program, ILeafGame game, string method)
    {
        this.model = model;
        this.program = program;
        this.game = game;
        Players = players;
        Method = method;
        tableStarts = new int[program.Leaves.Length];
        var entries = 0;
        for (var leaf = 0; leaf < program.Leaves.Length; leaf++)
        {
            var count = program.Leaves[leaf].Count;
            tableStarts[leaf] = entries;
            entries += count <= ShortPath ? count * ColumnSize(count) : 0;
        }

        shortTables = new double[entries];
        longTables = new LeafTables(program, game, ShortPath + 1);
        FillShortTables();
    }

    /// <inheritdoc/>
    public PlayerSet Players { get; }

    /// <inheritdoc/>
    public double ExpectedValue => game.ExpectedValue;

    /// <inheritdoc/>
    public TreeLink Link => model.Link;

    /// <inheritdoc/>
    public string Method { get; }

    /// <summary>Interventional TreeSHAP: absent features take the values of background rows.</summary>
    /// <param name="background">Row-major <c>[rows, features]</c>, at least one row.</param>
    /// <exception cref="ModelRefusedException">A path has too many features, or trees and background are too large together.</exception>
    public static TreeExplainer Interventional(TreeStructure model, PlayerSet players, ReadOnlySpan<float> background, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(background.Length, nameof(background));
        var compiled = TreeProgram.Compile(model, players, []);
        var leaves = BackgroundGame.Of(compiled, model.Trees.Base, new ColumnBlocks(model.Columns, background), cancellationToken);
        return new TreeExplainer(model, players, compiled, leaves, "background TreeSHAP (exact)");
    }

    /// <summary>Path-dependent TreeSHAP: absent features go down both branches in proportion to training covers.</summary>
    /// <param name="covers">Training weight of each node by index: from the file, or recounted with <see cref="TreeCovers"/>.</param>
    /// <exception cref="ModelRefusedException">A path has too many features.</exception>
    public static TreeExplainer PathDependent(TreeStructure model, PlayerSet players, ReadOnlySpan<double> covers)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(covers.Length, model.Trees.Nodes.Length, nameof(covers));
        var compiled = TreeProgram.Compile(model, players, covers);
        return new TreeExplainer(model, players, compiled, new CoverGame(compiled, model.Trees.Base), "path-dependent TreeSHAP (exact)");
    }

    /// <inheritdoc/>
    public void Explain(ReadOnlySpan<float> rows, Span<double> contributions, CancellationToken cancellationToken)
    {
        var width = model.Columns.Features.Count;
        if (rows.Length == width)
        {
            ExplainRow(rows, contributions);
            return;
        }

        var columns = ArrayPool<float>.Shared.Rent(program.ColumnCount * TreeProgram.BlockRows);
        var slots = ArrayPool<uint>.Shared.Rent(program.Slots * TreeProgram.BlockRows);
        var sums = ArrayPool<double>.Shared.Rent(Players.Count * TreeProgram.BlockRows);
        try
        {
            columns.AsSpan().Clear();
            while (!rows.IsEmpty)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = Math.Min(TreeProgram.BlockRows, rows.Length / width);
                ColumnBlocks.Fill(model.Columns, rows[..(count * width)], columns);
                sums.AsSpan().Clear();
                var adder = new Adder(this, sums, count);
                for (var tree = 0; tree < program.TreeCount; tree++)
                {
                    program.Run(tree, columns, slots, ref adder);
                }

                for (var r = 0; r < count; r++)
                {
                    for (var p = 0; p < Players.Count; p++)
                    {
                        contributions[(r * Players.Count) + p] = sums[(p * TreeProgram.BlockRows) + r];
                    }
                }

                rows = rows[(count * width)..];
                contributions = contributions[(count * Players.Count)..];
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(columns);
            ArrayPool<uint>.Shared.Return(slots);
            ArrayPool<double>.Shared.Return(sums);
        }
    }

    private void ExplainRow(ReadOnlySpan<float> row, Span<double> contributions)
    {
        contributions.Clear();
        var derived = ArrayPool<float>.Shared.Rent(program.ColumnCount);
        var patterns = ArrayPool<uint>.Shared.Rent(program.Slots + program.Leaves.Length);
        try
        {
            model.Columns.Apply(row, derived);
            var leaves = patterns.AsSpan(program.Slots, program.Leaves.Length);
            program.RunRow(derived, patterns, leaves);
            Span<double> scratch = stackalloc double[TreeProgram.MaxPlayersOnPath];
            for (var leaf = 0; leaf < leaves.Length; leaf++)
            {
                if (leaf + PlacesAhead < leaves.Length)
                {
                    longTables.Prefetch(leaf + PlacesAhead, leaves[leaf + PlacesAhead]);
                    longTables.PrefetchEntry(leaf + EntriesAhead, leaves[leaf + EntriesAhead]);
                }

                var path = program.Leaves[leaf];
                var players = program.Players.AsSpan(path.Start, path.Count);
                if (path.Count <= ShortPath)
                {
                    var size = ColumnSize(path.Count);
                    var table = shortTables.AsSpan(tableStarts[leaf] + (int)leaves[leaf]);
                    for (var k = 0; k < players.Length; k++)
                    {
                        contributions[players[k]] += table[k * size];
                    }
                }
                else
                {
                    var values = longTables.Of(leaf, leaves[leaf], scratch);
                    for (var k = 0; k < values.Length; k++)
                    {
                        contributions[players[k]] += values[k];
                    }
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(derived);
            ArrayPool<uint>.Shared.Return(patterns);
        }
    }

    private static int ColumnSize(int players) => players <= 3 ? 8 : 16;

    private void FillShortTables()
    {
        Span<double> values = stackalloc double[ShortPath];
        for (var leaf = 0; leaf < program.Leaves.Length; leaf++)
        {
            var count = program.Leaves[leaf].Count;
            for (var pattern = 0; count <= ShortPath && pattern < 1 << count; pattern++)
            {
                game.Values(leaf, (uint)pattern, values[..count]);
                for (var k = 0; k < count; k++)
                {
                    shortTables[tableStarts[leaf] + (k * ColumnSize(count)) + pattern] = values[k];
                }
            }
        }
    }

    private ref struct Adder(TreeExplainer explainer, Span<double> sums, int rows) : ILeafVisitor
    {
        private readonly Span<double> sums = sums;

        public readonly void Visit(int leaf, ReadOnlySpan<uint> patterns)
        {
            var path = explainer.program.Leaves[leaf];
            var players = explainer.program.Players.AsSpan(path.Start, path.Count);
            if (path.Count > ShortPath)
            {
                AddLong(leaf, players, patterns);
                return;
            }

            var size = ColumnSize(path.Count);
            ref var table = ref explainer.shortTables[explainer.tableStarts[leaf]];
            ref var total = ref MemoryMarshal.GetReference(sums);
            ref var pattern = ref MemoryMarshal.GetReference(patterns);
            if (Avx512F.IsSupported)
            {
                AddShort512(players, ref table, size, ref total, ref pattern);
                return;
            }

            for (var k = 0; k < players.Length; k++)
            {
                ref var sum = ref Unsafe.Add(ref total, players[k] * TreeProgram.BlockRows);
                ref var column = ref Unsafe.Add(ref table, k * size);
                for (var r = 0; r < rows; r++)
                {
                    Unsafe.Add(ref sum, r) += Unsafe.Add(ref column, Unsafe.Add(ref pattern, r));
                }
            }
        }

        /// <summary>Eight rows at once: a table column lies in one or two registers, and a row's pattern picks its lane.</summary>
        private readonly void AddShort512(ReadOnlySpan<int> players, ref double table, int size, ref double total, ref uint pattern)
        {
            for (var k = 0; k < players.Length; k++)
            {
                ref var sum = ref Unsafe.Add(ref total, players[k] * TreeProgram.BlockRows);
                var low = Vector512.LoadUnsafe(ref table, (nuint)(k * size));
                var high = size > 8 ? Vector512.LoadUnsafe(ref table, (nuint)((k * size) + 8)) : low;
                for (nuint r = 0; r < (nuint)rows; r += 8)
                {
                    var lanes = Avx512F.ConvertToVector512Int64(Vector256.LoadUnsafe(ref pattern, r));
                    (Vector512.LoadUnsafe(ref sum, r) + Avx512F.PermuteVar8x64x2(low, lanes, high)).StoreUnsafe(ref sum, r);
                }
            }
        }

        private readonly void AddLong(int leaf, ReadOnlySpan<int> players, ReadOnlySpan<uint> patterns)
        {
            Span<double> scratch = stackalloc double[TreeProgram.MaxPlayersOnPath];
            ref var total = ref MemoryMarshal.GetReference(sums);
            for (var r = 0; r < rows; r++)
            {
                var values = explainer.longTables.Of(leaf, patterns[r], scratch);
                ref var value = ref MemoryMarshal.GetReference(values);
                for (var k = 0; k < values.Length; k++)
                {
                    Unsafe.Add(ref total, (players[k] * TreeProgram.BlockRows) + r) += Unsafe.Add(ref value, k);
                }
            }
        }
    }
}
