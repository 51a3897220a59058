using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Governance.Ledger;

/// <summary>
/// A log seen through its tiles, at one checkpoint. Nothing the source says is believed: what is returned was hashed up to the checkpoint's root,
/// whose signature whoever opens it has checked. Methods throw <see cref="LedgerDamagedException"/> when resources are absent or contradict each
/// other, <see cref="LedgerUnavailableException"/> when the source does not answer. Thread-safe.
/// </summary>
public sealed class TileLog
{
    private const int MaximumCached = 256;
    private readonly ITileSource _source;
    private readonly Dictionary<string, byte[]> _tiles = new(StringComparer.Ordinal);

    private TileLog(ITileSource source, SignedNote note, Checkpoint checkpoint) => (_source, Note, Checkpoint) = (source, note, checkpoint);

    /// <summary>As served, with cosignatures.</summary>
    public SignedNote Note { get; }

    public Checkpoint Checkpoint { get; }

    /// <summary>Fetches the checkpoint and checks who signed it, and that the tiles' right edge hashes to its root.</summary>
    public static async Task<TileLog> OpenAsync(ITileSource source, string origin, IReadOnlyList<NoteVerifier> keys, CancellationToken cancellationToken)
    {
        const string Name = LedgerPaths.Checkpoint;
        var bytes = await source.GetAsync(Name, cancellationToken) ?? throw Damaged(LedgerFault.FileMissing, Name, "There is no checkpoint.");
        if (!Checkpoint.TryVerify(bytes, origin, keys, out var checkpoint, out var error) || !SignedNote.TryParse(bytes, out var note, out error))
        {
            throw Damaged(LedgerFault.SignatureInvalid, Name, error);
        }

        var log = new TileLog(source, note, checkpoint);
        return await log.RootAsync(checkpoint.Size, cancellationToken) == checkpoint.Root
            ? log
            : throw Damaged(LedgerFault.RootMismatch, "tile", "The tiles do not hash to the root of the checkpoint.");
    }

    /// <summary>True when the log extends an older state of it, proved from the tiles.</summary>
    public async Task<bool> ExtendsAsync(Checkpoint old, CancellationToken cancellationToken)
    {
        if (old.Size > Checkpoint.Size)
        {
            return false;
        }

        var proof = await WithNodesAsync(node => MerkleTree.ConsistencyProof(old.Size, Checkpoint.Size, node), cancellationToken);
        return MerkleTree.VerifyConsistency((ulong)old.Size, (ulong)Checkpoint.Size, proof, old.Root, Checkpoint.Root);
    }

    /// <summary>The bytes of an entry, 0 to the checkpoint's size - 1, proved to be there.</summary>
    public async Task<byte[]> ReadAsync(long index, CancellationToken cancellationToken)
    {
        var receipt = await ReceiptAsync(index, cancellationToken);
        var (path, entries) = await BundleAsync(index / TilePath.FullWidth, cancellationToken);
        var entry = entries[(int)(index % TilePath.FullWidth)];
        return MerkleTree.VerifyInclusion((ulong)index, (ulong)Checkpoint.Size, MerkleTree.LeafHash(entry.Span), receipt.Proof, Checkpoint.Root)
            ? entry.ToArray()
            : throw Damaged(LedgerFault.HashMismatch, path, "The entry is not proved to be in the signed tree.", index);
    }

    /// <summary>A receipt for an entry against the checkpoint.</summary>
    public async Task<InclusionReceipt> ReceiptAsync(long index, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Checkpoint.Size);
        return new InclusionReceipt(
            index, await WithNodesAsync(node => MerkleTree.InclusionProof(index, Checkpoint.Size, node), cancellationToken), Note, default);
    }

    /// <summary>Bundle after bundle, from the first: its path and its entries, whole but not yet compared with anything.</summary>
    internal async IAsyncEnumerable<(string Path, IReadOnlyList<ReadOnlyMemory<byte>> Entries)> BundlesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var bundle = 0L; bundle * TilePath.FullWidth < Checkpoint.Size; bundle++)
        {
            yield return await BundleAsync(bundle, cancellationToken);
        }
    }

    /// <summary>The hashes of a tile as served.</summary>
    internal async Task<(string Path, byte[] Hashes)> TileAsync(int level, long index, CancellationToken cancellationToken) =>
        await FetchAsync(At(level, index), cancellationToken);

    private Task<MerkleHash> RootAsync(long size, CancellationToken cancellationToken) => WithNodesAsync(node => MerkleTree.Root(size, node), cancellationToken);

    // Proof arithmetic is synchronous: a first pass notes which tiles it needs, they are fetched, a second pass computes.
    private async Task<T> WithNodesAsync<T>(Func<MerkleNodeReader, T> compute, CancellationToken cancellationToken)
    {
        var needed = new HashSet<TilePath>();
        compute((level, index) =>
        {
            needed.Add(At(level / 8, (index << level % 8) / TilePath.FullWidth));
            return default;
        });
        var tiles = new Dictionary<TilePath, byte[]>();
        foreach (var path in needed)
        {
            tiles[path] = (await FetchAsync(path, cancellationToken)).Bytes;
        }

        return compute((level, index) =>
        {
            var first = index << level % 8;
            var hashes = tiles[At(level / 8, first / TilePath.FullWidth)];
            var subtree = new MerkleFrontier();
            for (var i = (int)(first % TilePath.FullWidth); subtree.Size < 1L << level % 8; i++)
            {
                subtree.Append(new MerkleHash(hashes.AsSpan(i * MerkleHash.Size)));
            }

            return subtree.Root();
        });
    }

    private async Task<(string Path, IReadOnlyList<ReadOnlyMemory<byte>> Entries)> BundleAsync(long index, CancellationToken cancellationToken)
    {
        var (path, bytes) = await FetchAsync(At(0, index) with { Level = null }, cancellationToken);
        var width = (int)Math.Min(TilePath.FullWidth, Checkpoint.Size - index * TilePath.FullWidth);
        var entries = new List<ReadOnlyMemory<byte>>(width);
        for (var at = 0; entries.Count < width;)
        {
            if (bytes.Length - at < 2 || BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)) is var length && bytes.Length - at - 2 < length)
            {
                throw Damaged(LedgerFault.LengthWrong, path, "The bundle ends before its last entry.", index * TilePath.FullWidth + entries.Count);
            }

            entries.Add(bytes.AsMemory(at + 2, length));
            at += 2 + length;
        }

        return (path, entries);
    }

    // As wide as the checkpoint's size makes it; a partial one may have been replaced by the full one meanwhile.
    private async Task<(string Path, byte[] Bytes)> FetchAsync(TilePath tile, CancellationToken cancellationToken)
    {
        var path = tile.ToString();
        lock (_tiles)
        {
            if (_tiles.TryGetValue(path, out var known))
            {
                return (path, known);
            }
        }

        var bytes = await _source.GetAsync(path, cancellationToken);
        if (bytes is null && tile.Width < TilePath.FullWidth)
        {
            bytes = await _source.GetAsync((tile with { Width = TilePath.FullWidth }).ToString(), cancellationToken);
        }

        if (bytes is null)
        {
            throw Damaged(LedgerFault.FileMissing, path, "The checkpoint's size demands this resource, and it is not there.");
        }

        if (tile.Level is null)
        {
            return (path, bytes);
        }

        if (bytes.Length < tile.Width * MerkleHash.Size || bytes.Length % MerkleHash.Size != 0)
        {
            throw Damaged(LedgerFault.LengthWrong, path, "The tile does not have the length of its width.");
        }

        lock (_tiles)
        {
            if (_tiles.Count >= MaximumCached)
            {
                _tiles.Clear();
            }

            return (path, _tiles[path] = bytes);
        }
    }

    private TilePath At(int level, long index) =>
        new(level, index, (int)Math.Min(TilePath.FullWidth, (Checkpoint.Size >> 8 * level) - index * TilePath.FullWidth));

    private static LedgerDamagedException Damaged(LedgerFault fault, string path, string message, long? entry = null) => new(new LedgerFinding(fault, path, message, entry));
}
