using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>Signs and publishes the state of the log, and seals finished segments. Thread-safe.</summary>
internal sealed class CheckpointWriter(LogStore store, IReadOnlyList<INoteSigner> signers, SignedNote? latest)
{
    private readonly Lock _gate = new();
    private LogStore _store = store;
    private SignedNote? _latest = latest;
    private long _published = PublishedSize(latest, signers);
    private int _sealed;
    private bool _failed;

    public SignedNote? Latest => Volatile.Read(ref _latest);

    /// <summary>Returns the checkpoint over everything durable, publishing it first when it is new.</summary>
    public SignedNote Publish()
    {
        lock (_gate)
        {
            var size = _store.Size;
            if (_latest is null || size != _published)
            {
                PublishAt(size);
            }

            SealFinished();
            return _latest!;
        }
    }

    /// <summary>Goes on with files that were recovered.</summary>
    public void Follow(LogStore recovered, SignedNote? latest)
    {
        lock (_gate)
        {
            _store = recovered;
            Volatile.Write(ref _latest, latest);
            _published = PublishedSize(latest, signers);
            (_sealed, _failed) = (0, false);
        }
    }

    // A flush that failed may be answered with success when it is asked for again, without having written: after one nothing is vouched for.
    private void PublishAt(long size)
    {
        if (_failed)
        {
            throw new IOException("An earlier checkpoint could not be written.");
        }

        _failed = true;

        // Tree and offsets on disk are trusted up to the checkpoint when the log is opened: they must be durable first.
        _store.SyncDerived();
        var note = SignAt(size);
        AtomicFile.Write(_store.Files, _store.PathOf(LedgerPaths.Checkpoint), note.ToBytes());
        Volatile.Write(ref _latest, note);
        _published = size;
        _failed = false;
    }

    private static long PublishedSize(SignedNote? note, IReadOnlyList<INoteSigner> signers) =>
        note is not null && signers.All(s => IsSignedBy(note, s.Verifier)) ? Checkpoint.Parse(note.Text)!.Size : -1;

    // A key that joined signs at once, also when the log did not grow.
    private static bool IsSignedBy(SignedNote note, NoteVerifier key) =>
        note.Signatures.Any(s => s.KeyId == key.KeyId && string.Equals(s.Name, key.Name, StringComparison.Ordinal));

    private SignedNote SignAt(long size) =>
        new Checkpoint(signers[0].Verifier.Name, size, MerkleTree.Root(size, _store.Tree.Node)).Sign(signers);

    // A finished segment gets a file that holds its digest and the signed checkpoint at its end.
    private void SealFinished()
    {
        var starts = _store.SegmentStarts;
        for (; _sealed + 1 < starts.Count; _sealed++)
        {
            var (first, end) = (starts[_sealed], starts[_sealed + 1]);
            var path = _store.PathOf(LedgerPaths.SegmentSeal(first));
            if (_store.Files.Exists(path))
            {
                continue;
            }

            var segment = _store.Find(first)!;
            var length = segment.Length;
            using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            segment.CopyTo(length, piece => digest.AppendData(piece));
            var seal = new SegmentSeal(first, end, length, new MerkleHash(digest.GetHashAndReset()), SignAt(end));
            AtomicFile.Write(_store.Files, path, Encoding.UTF8.GetBytes(seal.ToString()));
        }
    }
}

/// <summary>What a finished segment must be: its range of entries, its length and digest, and the signed checkpoint at its end. Immutable.</summary>
/// <param name="End">Index after the last entry.</param>
/// <param name="Length">Bytes in the segment file.</param>
internal sealed record SegmentSeal(long First, long End, long Length, MerkleHash Digest, SignedNote Checkpoint)
{
    public const int MaximumLength = SignedNote.MaximumLength + 1024;
    private const string Header = "governance-ledger/segment-seal@v1";

    public static SegmentSeal? Parse(ReadOnlySpan<byte> bytes)
    {
        var split = bytes.IndexOf("\n\n"u8);
        var lines = split < 0 ? [] : Encoding.UTF8.GetString(bytes[..split]).Split('\n');
        return lines.Length == 5
            && string.Equals(lines[0], Header, StringComparison.Ordinal)
            && Number(lines[1], "first ") is { } first
            && Number(lines[2], "end ") is { } end
            && Number(lines[3], "bytes ") is { } length
            && lines[4].StartsWith("sha256 ", StringComparison.Ordinal)
            && MerkleHash.TryParseBase64(lines[4].AsSpan(7), out var digest)
            && SignedNote.TryParse(bytes[(split + 2)..], out var checkpoint, out _)
                ? new SegmentSeal(first, end, length, digest, checkpoint)
                : null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Header}\nfirst {First}\nend {End}\nbytes {Length}\nsha256 {Digest.ToBase64()}\n\n{Checkpoint}");

    private static long? Number(string line, string name) =>
        line.StartsWith(name, StringComparison.Ordinal) && Ledger.Checkpoint.TryParseNumber(line[name.Length..], out var value) ? value : null;
}
