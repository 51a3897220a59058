using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Governance.Models.Attribution;

/// <summary>
/// Contributions of longer paths by leaf and pattern: made when a row first asks for them, kept where a row did, one behind the other. Patterns that contribute
/// nothing take no place. Thread-safe: entries are made under a lock, published whole and never changed.
/// </summary>
internal sealed class LeafTables
{
    /// <summary>Paths of at most this many players are kept; longer ones are computed for each row.</summary>
    private const int MaxPlayers = 12;

    /// <summary>Most patterns of all leaves together (int): 64 MiB, touched as needed. Leaves beyond are computed for each row.</summary>
    private const long MaxPatterns = 16L << 20;

    private const int ChunkBits = 15;
    private const int ChunkLength = 1 << ChunkBits;

    /// <summary>Most values kept (double): 128 MiB. Beyond, contributions are computed for each row.</summary>
    private const int MaxChunks = (16 << 20) / ChunkLength;

    private const int Unmade = 0;
    private const int Nothing = -1;
    private const int NotKept = -2;

    private readonly TreeProgram program;
    private readonly ILeafGame game;
    private readonly int[] starts;

    /// <summary>By leaf and pattern: one more than the place of the entry, or what there is instead.</summary>
    private readonly int[] places;
    private readonly double[]?[] chunks = new double[MaxChunks][];
    private readonly Lock making = new();
    private int used;

    /// <param name="from">Fewest players of a path that is looked up here.</param>
    public LeafTables(TreeProgram program, ILeafGame game, int from)
    {
        (this.program, this.game) = (program, game);
        starts = new int[program.Leaves.Length];
        var patterns = 0L;
        for (var leaf = 0; leaf < starts.Length; leaf++)
        {
            var count = program.Leaves[leaf].Count;
            var kept = count >= from && count <= MaxPlayers && patterns + (1L << count) <= MaxPatterns;
            starts[leaf] = kept ? (int)patterns : -1;
            patterns += kept ? 1L << count : 0;
        }

        places = new int[patterns];
    }

    /// <summary>Asks for the place of an entry ahead of time.</summary>
    public unsafe void Prefetch(int leaf, uint pattern)
    {
        if (Sse.IsSupported && starts[leaf] >= 0)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref places[starts[leaf] + (int)pattern]));
        }
    }

    /// <summary>Asks for an entry ahead of time.</summary>
    public unsafe void PrefetchEntry(int leaf, uint pattern)
    {
        if (Sse.IsSupported && starts[leaf] >= 0 && places[starts[leaf] + (int)pattern] is > 0 and var place)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref chunks[(place - 1) >> ChunkBits]![(place - 1) & (ChunkLength - 1)]));
        }
    }

    /// <summary>Contributions of the players of a leaf; empty when all are zero.</summary>
    /// <param name="scratch">At least as long as the leaf has players; may hold the answer.</param>
    public ReadOnlySpan<double> Of(int leaf, uint pattern, Span<double> scratch)
    {
        var count = program.Leaves[leaf].Count;
        var start = starts[leaf];
        if (start >= 0)
        {
            ref var place = ref places[start + (int)pattern];
            var found = Volatile.Read(ref place);
            found = found == Unmade ? Make(leaf, pattern, ref place, scratch[..count]) : found;
            if (found > 0)
            {
                return chunks[(found - 1) >> ChunkBits].AsSpan((found - 1) & (ChunkLength - 1), count);
            }

            if (found == Nothing)
            {
                return [];
            }
        }

        game.Values(leaf, pattern, scratch[..count]);
        return scratch[..count];
    }

    private int Make(int leaf, uint pattern, ref int place, Span<double> values)
    {
        game.Values(leaf, pattern, values);
        if (!values.ContainsAnyExcept(0.0))
        {
            Volatile.Write(ref place, Nothing);
            return Nothing;
        }

        lock (making)
        {
            if (place != Unmade)
            {
                return place;
            }

            // An entry lies within one chunk.
            var at = (used & (ChunkLength - 1)) + values.Length > ChunkLength ? (used | (ChunkLength - 1)) + 1 : used;
            if (at >> ChunkBits >= MaxChunks)
            {
                Volatile.Write(ref place, NotKept);
                return NotKept;
            }

            values.CopyTo((chunks[at >> ChunkBits] ??= new double[ChunkLength]).AsSpan(at & (ChunkLength - 1)));
            used = at + values.Length;
            Volatile.Write(ref place, at + 1);
            return at + 1;
        }
    }
}
