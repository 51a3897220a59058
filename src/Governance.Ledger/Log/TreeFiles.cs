using System.Buffers;

namespace Governance.Ledger;

/// <summary>
/// Every complete node of the tree, one file per level: node (level, index) lies at byte 32 · index of <c>tree/{level}</c>. So a tile of the
/// C2SP read view is one contiguous slice, and a proof is a handful of reads. Derived from the entries; synced before each checkpoint.
/// One writer, any number of readers.
/// </summary>
internal sealed class TreeFiles : IDisposable
{
    private readonly IFileLayer _files;
    private readonly string _folder;
    private readonly bool _write;
    private readonly IFile?[] _levels = new IFile?[LedgerPaths.MaximumLevel + 1];
    private readonly Lock _opening = new();
    private ulong _unsynced;
    private bool _newLevel;

    public TreeFiles(IFileLayer files, string folder, bool write)
    {
        (_files, _folder, _write) = (files, folder, write);
        if (write)
        {
            files.CreateDirectory(Path.Combine(folder, LedgerPaths.Tree));
        }
    }

    /// <exception cref="LedgerDamagedException">The stored level ends before this node.</exception>
    public MerkleHash Node(int level, long index)
    {
        Span<byte> bytes = stackalloc byte[MerkleHash.Size];
        return (Level(level)?.Read(index * MerkleHash.Size, bytes) ?? 0) == MerkleHash.Size
            ? new MerkleHash(bytes)
            : throw new LedgerDamagedException(new LedgerFinding(
                LedgerFault.LengthWrong, LedgerPaths.Level(level), "The stored tree ends before a node it must hold.", null, index * MerkleHash.Size, 32));
    }

    /// <summary>The bytes of <paramref name="count"/> nodes from <paramref name="first"/> on; null when the level ends earlier.</summary>
    public byte[]? Nodes(int level, long first, int count)
    {
        var bytes = new byte[count * MerkleHash.Size];
        return (Level(level)?.Read(first * MerkleHash.Size, bytes) ?? 0) == bytes.Length ? bytes : null;
    }

    public long Count(int level) => (Level(level)?.Length ?? 0) / MerkleHash.Size;

    public bool Holds(long size)
    {
        for (var level = 0; size >> level > 0; level++)
        {
            if (Count(level) < size >> level)
            {
                return false;
            }
        }

        return true;
    }

    public void Write(int level, long first, ReadOnlySpan<MerkleHash> nodes)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(nodes.Length * MerkleHash.Size);
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i].CopyTo(bytes.AsSpan(i * MerkleHash.Size));
        }

        Level(level)!.Write(first * MerkleHash.Size, bytes.AsSpan(0, nodes.Length * MerkleHash.Size));
        ArrayPool<byte>.Shared.Return(bytes);
        Interlocked.Or(ref _unsynced, 1UL << level);
    }

    /// <summary>Forgets nodes beyond the tree of <paramref name="size"/> leaves.</summary>
    public void Truncate(long size)
    {
        for (var level = 0; level <= LedgerPaths.MaximumLevel; level++)
        {
            if (_files.Exists(Path.Combine(_folder, LedgerPaths.Level(level))) && Count(level) > size >> level)
            {
                Level(level)!.SetLength((size >> level) * MerkleHash.Size);
            }
        }
    }

    public void Sync()
    {
        var levels = Interlocked.Exchange(ref _unsynced, 0);
        for (var level = 0; level <= LedgerPaths.MaximumLevel; level++)
        {
            if ((levels >> level & 1) == 1)
            {
                Level(level)!.Sync();
            }
        }

        if (Interlocked.Exchange(ref _newLevel, false))
        {
            _files.SyncDirectory(Path.Combine(_folder, LedgerPaths.Tree));
        }
    }

    public void Dispose()
    {
        foreach (var level in _levels)
        {
            level?.Dispose();
        }
    }

    private IFile? Level(int level)
    {
        if (Volatile.Read(ref _levels[level]) is { } open)
        {
            return open;
        }

        lock (_opening)
        {
            var path = Path.Combine(_folder, LedgerPaths.Level(level));
            var exists = _files.Exists(path);
            if (_levels[level] is null && (_write || exists))
            {
                Volatile.Write(ref _levels[level], _write ? _files.OpenWrite(path) : _files.OpenRead(path));
                Volatile.Write(ref _newLevel, _newLevel || !exists);
            }

            return _levels[level];
        }
    }
}
