using System.Buffers.Binary;
using System.Text;

namespace Governance.Ledger;

/// <summary>
/// All keys of a payload store: what is sealed, and rewritten on every puncture. Guarded by the store's lock; nothing here is thread-safe but
/// reading. Layout: see <see cref="Serialize"/>.
/// </summary>
internal sealed class KeyState : IDisposable
{
    private const byte Version = 3;

    /// <summary>Before trees left out the places of their keys.</summary>
    private const byte VersionWithPlaces = 2;

    /// <summary>Before states said since when their key seals them.</summary>
    private const byte VersionWithoutSince = 1;

    /// <summary>Number of this state; grows by one with every seal.</summary>
    public long Epoch { get; set; }

    /// <summary>Since when the present key-encryption key seals the state, UTC; the minimum when nobody noted it.</summary>
    public DateTimeOffset KeySince { get; set; }

    /// <summary>Number of the first state that the present key-encryption key sealed; 0 when nobody noted it.</summary>
    public long KeyFromEpoch { get; set; }

    public byte[] SubjectKey { get; private init; } = Secret.Random(32);

    public byte[] IndexKey { get; private init; } = Secret.Random(AesBlock.Size);

    public byte[] LocatorKey { get; private init; } = Secret.Random(AesBlock.Size);

    public byte[] MaskKey { get; private init; } = Secret.Random(AesBlock.Size);

    /// <summary>By month, counted from January of year 0.</summary>
    public SortedDictionary<int, MonthKeys> Months { get; } = [];

    public SortedSet<int> Expired { get; } = [];

    public List<Hold> Holds { get; } = [];

    /// <summary>Erasures whose keys are destroyed and whose ciphertext is still being swept away.</summary>
    public List<PendingErasure> Pending { get; } = [];

    public byte[] Serialize()
    {
        var size = 1 + 8 + 8 + 8 + 32 + 3 * AesBlock.Size + 4 * sizeof(int)
            + Months.Values.Sum(m => 2 * sizeof(int) + m.Tree.StoredSize)
            + Expired.Count * sizeof(int)
            + Holds.Sum(h => MerkleHash.Size + 1 + 2 + Encoding.UTF8.GetByteCount(h.Id))
            + Pending.Sum(p => PendingErasure.Size + p.Rows.Count * PendingErasure.RowSize);
        var bytes = Secret.Allocate(size);
        var at = bytes.AsSpan();
        at[0] = Version;
        at = at[1..];
        Put(ref at, BitConverter.GetBytes(Epoch));
        Put(ref at, BitConverter.GetBytes(KeySince.UtcTicks));
        Put(ref at, BitConverter.GetBytes(KeyFromEpoch));
        Put(ref at, SubjectKey);
        Put(ref at, IndexKey);
        Put(ref at, LocatorKey);
        Put(ref at, MaskKey);
        PutInt(ref at, Months.Count);
        foreach (var (month, keys) in Months)
        {
            PutInt(ref at, month);
            PutInt(ref at, keys.Generations);
            keys.Tree.Write(at);
            at = at[keys.Tree.StoredSize..];
        }

        PutInt(ref at, Expired.Count);
        foreach (var month in Expired)
        {
            PutInt(ref at, month);
        }

        PutInt(ref at, Holds.Count);
        foreach (var hold in Holds)
        {
            hold.Subject.CopyTo(at);
            at[MerkleHash.Size] = (byte)hold.Kind;
            at = at[(MerkleHash.Size + 1)..];
            var id = Encoding.UTF8.GetBytes(hold.Id);
            Put(ref at, [(byte)id.Length, (byte)(id.Length >> 8), .. id]);
        }

        PutInt(ref at, Pending.Count);
        foreach (var pending in Pending)
        {
            PutInt(ref at, pending.Month);
            new KeyRef(pending.Tag).CopyTo(at);
            pending.Erasure.TryWriteBytes(at[KeyRef.Size..]);
            at = at[(KeyRef.Size + 16)..];
            PutInt(ref at, pending.Rows.Count);
            foreach (var row in pending.Rows)
            {
                PutInt(ref at, row.Segment);
                PutInt(ref at, (int)row.Offset);
            }
        }

        return at.IsEmpty ? bytes : throw new InvalidOperationException("The size of the key state was computed wrongly.");
    }

    /// <exception cref="InvalidDataException">It is not a key state.</exception>
    public static KeyState Deserialize(ReadOnlySpan<byte> at)
    {
        var version = Take(ref at, 1)[0];
        if (version is not (Version or VersionWithPlaces or VersionWithoutSince))
        {
            throw new InvalidDataException("The key state is of another version.");
        }

        var state = new KeyState
        {
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(Take(ref at, 8)),
            KeySince = version != VersionWithoutSince ? Instant(BinaryPrimitives.ReadInt64LittleEndian(Take(ref at, 8))) : DateTimeOffset.MinValue,
            KeyFromEpoch = version != VersionWithoutSince ? BinaryPrimitives.ReadInt64LittleEndian(Take(ref at, 8)) : 0,
            SubjectKey = Secret.CopyOf(Take(ref at, 32)),
            IndexKey = Secret.CopyOf(Take(ref at, AesBlock.Size)),
            LocatorKey = Secret.CopyOf(Take(ref at, AesBlock.Size)),
            MaskKey = Secret.CopyOf(Take(ref at, AesBlock.Size)),
        };
        for (var left = TakeInt(ref at); left > 0; left--)
        {
            var month = TakeInt(ref at);
            var generations = TakeInt(ref at);
            var tree = version == Version ? PuncturableTree.Read(ref at) : PuncturableTree.ReadPlaced(ref at);
            state.Months.Add(month, new MonthKeys { Generations = generations, Tree = tree });
        }

        for (var left = TakeInt(ref at); left > 0; left--)
        {
            state.Expired.Add(TakeInt(ref at));
        }

        for (var left = TakeInt(ref at); left > 0; left--)
        {
            var subject = new MerkleHash(Take(ref at, MerkleHash.Size));
            var kind = (HoldKind)Take(ref at, 1)[0];
            var length = BinaryPrimitives.ReadUInt16LittleEndian(Take(ref at, 2));
            state.Holds.Add(new Hold(subject, kind, Encoding.UTF8.GetString(Take(ref at, length))));
        }

        for (var left = TakeInt(ref at); left > 0; left--)
        {
            var (month, tag) = (TakeInt(ref at), KeyRef.Read(Take(ref at, KeyRef.Size)).Value);
            var erasure = new Guid(Take(ref at, 16));
            var rows = new List<PayloadLocation>();
            for (var count = TakeInt(ref at); count > 0; count--)
            {
                rows.Add(new PayloadLocation(month, TakeInt(ref at), (uint)TakeInt(ref at)));
            }

            state.Pending.Add(new PendingErasure(month, tag, erasure, rows));
        }

        return at.IsEmpty ? state : throw new InvalidDataException("The key state is too long.");
    }

    /// <summary>Becomes the state of the same store at another moment; what this one held alone is destroyed, and the other is used up.</summary>
    public void Become(KeyState stored)
    {
        foreach (var month in Months.Values)
        {
            month.Tree.Dispose();
        }

        (Epoch, KeySince, KeyFromEpoch) = (stored.Epoch, stored.KeySince, stored.KeyFromEpoch);
        Refill(Months, stored.Months);
        Refill(Expired, stored.Expired);
        Refill(Holds, stored.Holds);
        Refill(Pending, stored.Pending);
        stored.Months.Clear();
        stored.Dispose();
    }

    public MerkleHash SubjectId(ReadOnlySpan<byte> subject)
    {
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        Sha256.Hmac(SubjectKey, subject, hash);
        return new MerkleHash(hash);
    }

    /// <summary>The subject's path in its n-th generation: a subject who returns after erasure is given the next one.</summary>
    public ulong Path(MerkleHash subjectId, int generation)
    {
        if (generation == 0)
        {
            return subjectId.Prefix;
        }

        Span<byte> input = stackalloc byte[MerkleHash.Size + sizeof(int)];
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        subjectId.CopyTo(input);
        BinaryPrimitives.WriteInt32BigEndian(input[MerkleHash.Size..], generation);
        Sha256.Hmac(SubjectKey, input, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    /// <summary>What the index is sorted by: the path, encrypted.</summary>
    public UInt128 Tag(ulong path)
    {
        Span<byte> block = stackalloc byte[AesBlock.Size];
        BinaryPrimitives.WriteUInt128BigEndian(block, path);
        AesBlock.Encrypt(IndexKey, block, block);
        return BinaryPrimitives.ReadUInt128BigEndian(block);
    }

    public void Dispose()
    {
        Secret.Erase(SubjectKey);
        Secret.Erase(IndexKey);
        Secret.Erase(LocatorKey);
        Secret.Erase(MaskKey);
        foreach (var month in Months.Values)
        {
            month.Tree.Dispose();
        }
    }

    private static void Refill<T>(ICollection<T> own, IEnumerable<T> with)
    {
        own.Clear();
        foreach (var item in with)
        {
            own.Add(item);
        }
    }

    private static void Put(ref Span<byte> at, scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(at);
        at = at[bytes.Length..];
    }

    private static void PutInt(ref Span<byte> at, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(at, value);
        at = at[sizeof(int)..];
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> at, int length)
    {
        if (at.Length < length)
        {
            throw new InvalidDataException("The key state is truncated.");
        }

        var taken = at[..length];
        at = at[length..];
        return taken;
    }

    private static DateTimeOffset Instant(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks
        ? new DateTimeOffset(ticks, TimeSpan.Zero)
        : throw new InvalidDataException("The key state holds no time.");

    private static int TakeInt(ref ReadOnlySpan<byte> at) => BinaryPrimitives.ReadInt32LittleEndian(Take(ref at, sizeof(int)));

    internal sealed class MonthKeys
    {
        public required PuncturableTree Tree { get; set; }

        /// <summary>No subject of the month has a generation beyond this: the first not punctured is at most this one.</summary>
        public int Generations { get; set; }
    }

    internal sealed record Hold(MerkleHash Subject, HoldKind Kind, string Id);

    /// <param name="Rows">The frames to overwrite: a frame half overwritten could no longer be found by its subject.</param>
    internal sealed record PendingErasure(int Month, UInt128 Tag, Guid Erasure, IReadOnlyList<PayloadLocation> Rows)
    {
        public const int Size = 2 * sizeof(int) + KeyRef.Size + 16;
        public const int RowSize = 2 * sizeof(int);
    }
}
