using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// Which frames of one payload segment belong to which subject: rows of tag (16) and offset (4), sorted. In memory while the segment grows,
/// then in a file beside it, with a SHA-256 at its end; rebuilt from the frames when absent or damaged. Rows of the erased are removed.
/// Reads and writes need the caller's lock.
/// </summary>
internal sealed class SubjectIndex
{
    private const int RowSize = 20;
    private const int WindowRows = 1600;
    private readonly List<(UInt128 Tag, uint Offset)> _rows = [];

    public void Add(UInt128 tag, uint offset) => _rows.Add((tag, offset));

    /// <summary>Looks at every row: a growing segment has some ten thousands, and writing them must cost nothing.</summary>
    public IReadOnlyList<uint> Find(UInt128 tag)
    {
        var found = new List<uint>();
        foreach (var row in _rows)
        {
            if (row.Tag == tag)
            {
                found.Add(row.Offset);
            }
        }

        return found;
    }

    public bool Remove(UInt128 tag) => _rows.RemoveAll(r => r.Tag == tag) > 0;

    public void Clear() => _rows.Clear();

    public void Save(IFileLayer files, string path)
    {
        var length = _rows.Count * RowSize + MerkleHash.Size;
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        _rows.Sort();
        var at = bytes.AsSpan(0, length);
        foreach (var (tag, offset) in _rows)
        {
            BinaryPrimitives.WriteUInt128BigEndian(at, tag);
            BinaryPrimitives.WriteUInt32BigEndian(at[16..], offset);
            at = at[RowSize..];
        }

        SHA256.HashData(bytes.AsSpan(0, length - MerkleHash.Size), at);
        AtomicFile.Write(files, path, bytes.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>Null when there is no whole index file.</summary>
    public static SubjectIndex? Load(IFileLayer files, string path)
    {
        var bytes = AtomicFile.Read(files, path, 1 << 28);
        if (bytes is null || bytes.Length < MerkleHash.Size || (bytes.Length - MerkleHash.Size) % RowSize != 0)
        {
            return null;
        }

        ReadOnlySpan<byte> rows = bytes.AsSpan(0, bytes.Length - MerkleHash.Size);
        if (new MerkleHash(SHA256.HashData(rows)) != new MerkleHash(bytes.AsSpan(rows.Length)))
        {
            return null;
        }

        var index = new SubjectIndex();
        for (; !rows.IsEmpty; rows = rows[RowSize..])
        {
            index.Add(BinaryPrimitives.ReadUInt128BigEndian(rows), BinaryPrimitives.ReadUInt32BigEndian(rows[16..]));
        }

        return index;
    }

    /// <summary>
    /// Opens an index file in which a tag is about to be looked up, and has the system start reading there: with many files the disk serves
    /// all of them at once. Null when there is no such file.
    /// </summary>
    public static IFile? Expect(IFileLayer files, string path, UInt128 tag)
    {
        if (!files.Exists(path))
        {
            return null;
        }

        var file = files.OpenRead(path);
        var rows = RowsOf(file);
        file.Expect(FirstRow(tag, rows) * RowSize, WindowRows * RowSize);
        if (rows > WindowRows)
        {
            // Where a subject with many rows bends the spread, the ends mostly tell that another has none.
            file.Expect(0, RowSize);
            file.Expect((rows - 1) * RowSize, RowSize);
        }

        return file;
    }

    /// <summary>
    /// Looks a tag up in an index file without loading it. Tags are evenly spread, so one read around the place where this one is expected
    /// mostly finds it; else a binary search does.
    /// </summary>
    public static IReadOnlyList<uint> Find(IFile file, UInt128 tag)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(WindowRows * RowSize);
        try
        {
            var window = new Window(file, buffer, RowsOf(file));
            var offsets = new List<uint>();
            for (var row = window.LowerBound(tag); row < window.Rows && window.Tag(row) == tag; row++)
            {
                offsets.Add(window.Offset(row));
            }

            return offsets;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long RowsOf(IFile file) => (file.Length - MerkleHash.Size) / RowSize;

    // Where to begin reading around the place where the tag is expected.
    private static long FirstRow(UInt128 tag, long rows) =>
        Math.Clamp((long)((tag >> 64) * (ulong)rows >> 64) - WindowRows / 2, 0, Math.Max(0, rows - WindowRows));

    // A sorted index file, of which a piece is in memory.
    private sealed class Window(IFile file, byte[] buffer, long rows)
    {
        private long _first;
        private long _end;

        public long Rows => rows;

        public UInt128 Tag(long row) => BinaryPrimitives.ReadUInt128BigEndian(At(row));

        public uint Offset(long row) => BinaryPrimitives.ReadUInt32BigEndian(At(row)[16..]);

        /// <summary>The first row whose tag is not below the given one; <see cref="Rows"/> also when the file's ends show that no row has it.</summary>
        public long LowerBound(UInt128 tag)
        {
            Load(FirstRow(tag, rows));
            var (low, high) = (0L, rows);
            if (_end > _first)
            {
                var (starts, ends) = (Tag(_first) < tag, Tag(_end - 1) >= tag);
                if ((!starts && _first > 0 && Alone(0) > tag) || (!ends && _end < rows && Alone(rows - 1) < tag))
                {
                    return rows;
                }

                (low, high) = (starts ? _first : 0, ends ? _end - 1 : rows);
            }

            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = Tag(middle) < tag ? (middle + 1, high) : (low, middle);
            }

            return low;
        }

        // A row outside the window, which stays where it is.
        private UInt128 Alone(long row)
        {
            Span<byte> tag = stackalloc byte[16];
            return file.Read(row * RowSize, tag) == tag.Length ? BinaryPrimitives.ReadUInt128BigEndian(tag) : throw Shorter();
        }

        private ReadOnlySpan<byte> At(long row)
        {
            if (row < _first || row >= _end)
            {
                Load(row);
            }

            return buffer.AsSpan((int)(row - _first) * RowSize, RowSize);
        }

        private void Load(long first)
        {
            _first = first;
            var count = (int)Math.Min(WindowRows, rows - first);
            _end = first + count;
            if (file.Read(first * RowSize, buffer.AsSpan(0, count * RowSize)) != count * RowSize)
            {
                throw Shorter();
            }
        }

        private static IOException Shorter() => new("The index file is shorter than it was.");
    }
}
