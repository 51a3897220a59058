using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>What to export, and where to. Immutable.</summary>
public sealed record ExportRequest
{
    /// <summary>A log's folder, at rest or being written.</summary>
    public required string Source { get; init; }

    /// <summary>The copy's folder; made when absent. One export at a time writes it.</summary>
    public required string Target { get; init; }

    /// <summary>The log's keys, obtained elsewhere. Without them the source's own are used.</summary>
    public IReadOnlyList<NoteVerifier> Keys { get; init; } = [];

    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal IFileLayer Files { get; init; } = PhysicalFiles.Instance;
}

/// <summary>What an export did. Immutable.</summary>
/// <param name="Copied">Segments copied by this run.</param>
/// <param name="Present">Segments an earlier run had copied.</param>
/// <param name="Bytes">Bytes copied by this run.</param>
/// <param name="Size">Entries the copy holds now: from 0, without gap.</param>
public sealed record ExportReport(string Origin, int Copied, int Present, long Bytes, long Size);

/// <summary>
/// Copies a log's sealed segments to a folder that may be on write-once storage, and can be run again and again: each run adds what was sealed since.
/// <list type="bullet">
/// <item>A segment MUST NOT get its name in the copy before it is on stable storage, has the digest of its seal, and its entries hash to the root signed at its end.</item>
/// <item>A segment, a seal or a manifest that has its name MUST NOT be written again.</item>
/// <item>A source that contradicts the copy (rolled back, rewritten, another log) MUST be refused, and the copy left as it was.</item>
/// </list>
/// The small files <c>origin</c>, <c>keys</c> and <c>checkpoint</c> are replaced as the newest manifest has them. An interrupted run leaves at
/// most a folder <c>incoming</c>, which the next one clears. The copy is verified as any ledger folder is. Stateless.
/// </summary>
public static class LedgerExport
{
    private const string Incoming = "incoming";
    private const int CopySize = 1 << 20;

    /// <exception cref="LedgerDamagedException">The source or the copy is not what was sealed; the finding says where.</exception>
    /// <exception cref="LedgerLockedException">Another export writes this copy.</exception>
    /// <exception cref="LedgerUnavailableException">The storage refuses; run it again when it does not.</exception>
    public static ExportReport Run(ExportRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            var files = request.Files;
            files.CreateDirectory(Path.Combine(request.Target, LedgerPaths.Segments));
            using var folderLock = files.Lock(request.Target, request.Time.GetUtcNow());
            return new Exporter(files, request).Run(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailableException($"The export to {request.Target} cannot go on: {e.Message}", e);
        }
    }

    private sealed class Exporter
    {
        private readonly IFileLayer _files;
        private readonly string _source;
        private readonly string _target;
        private readonly string _incoming;
        private readonly string _origin;
        private readonly IReadOnlyList<NoteVerifier> _keys;

        public Exporter(IFileLayer files, ExportRequest request)
        {
            (_files, _source, _target) = (files, request.Source, request.Target);
            _incoming = Path.Combine(_target, Incoming);
            _origin = LogIdentity.ReadOrigin(files, _source)
                ?? throw Damaged(LedgerFault.FileMissing, LedgerPaths.Origin, "The source is not a ledger folder: it does not say which log it is.");
            _keys = request.Keys.Count > 0 ? request.Keys : LogIdentity.ReadKeys(files, _source);
        }

        public ExportReport Run(CancellationToken cancellationToken)
        {
            CheckTarget();
            var seals = ReadSeals();
            var done = ExportManifest.ReadNewest(_files, _target);
            CheckHistory(seals, done);
            ClearIncoming();
            var present = done?.Segments.Count ?? 0;
            var bytes = 0L;
            using (var tree = new TreeFiles(_files, _source, write: false))
            {
                for (var i = present; i < seals.Count; i++)
                {
                    var before = i == 0 ? MerkleTree.EmptyRoot : Root(seals[i - 1]);
                    bytes += Copy(seals[i], MerkleFrontier.At(seals[i].First, tree.Node), before, cancellationToken);
                }
            }

            if (seals.Count > 0)
            {
                Publish(new ExportManifest([.. seals.Select(ExportedSegment.Of)], seals[^1].Checkpoint), isNew: seals.Count > present);
            }

            ClearIncoming();
            return new ExportReport(_origin, seals.Count - present, present, bytes, seals.Count == 0 ? 0 : seals[^1].End);
        }

        private void CheckTarget()
        {
            if (LogIdentity.ReadOrigin(_files, _target) is { } held && !string.Equals(held, _origin, StringComparison.Ordinal))
            {
                throw Damaged(LedgerFault.Inconsistent, LedgerPaths.Origin, $"The copy is of the log {held}, not of {_origin}.");
            }

            if (_files.Exists(Path.Combine(_target, LedgerPaths.Tree + "/00")) || _files.ListFolders(_target).Contains(LedgerPaths.Tree, StringComparer.Ordinal))
            {
                throw Damaged(LedgerFault.Inconsistent, LedgerPaths.Tree, "The target is a log's own folder, not an exported copy.");
            }
        }

        // Sealed segments from the first on; the newest ones may not be sealed yet.
        private List<SegmentSeal> ReadSeals()
        {
            var seals = new List<SegmentSeal>();
            foreach (var first in LedgerPaths.FindSegments(_files, _source))
            {
                var name = LedgerPaths.SegmentSeal(first);
                if (AtomicFile.Read(_files, Path.Combine(_source, name), SegmentSeal.MaximumLength) is not { } bytes)
                {
                    break;
                }

                if (SegmentSeal.Parse(bytes) is not { } seal || seal.First != first || first != (seals.Count == 0 ? 0 : seals[^1].End))
                {
                    throw Damaged(LedgerFault.BytesDamaged, name, "The seal is not that of this segment.", first);
                }

                if (!Checkpoint.TryVerify(seal.Checkpoint.ToBytes(), _origin, _keys, out var signed, out var error) || signed.Size != seal.End)
                {
                    throw Damaged(LedgerFault.SignatureInvalid, name, error.Length > 0 ? error : "The seal's checkpoint is of another size.", first);
                }

                seals.Add(seal);
            }

            return seals;
        }

        private void CheckHistory(List<SegmentSeal> seals, ExportManifest? done)
        {
            foreach (var (i, exported) in (done?.Segments ?? []).Index())
            {
                var name = LedgerPaths.Segment(exported.First);
                if (i >= seals.Count)
                {
                    throw Damaged(LedgerFault.Inconsistent, name, $"The source has no sealed segment from entry {exported.First} on, the copy has: the source was rolled back.", exported.First);
                }

                if (ExportedSegment.Of(seals[i]) != exported)
                {
                    throw Damaged(LedgerFault.Inconsistent, name, "The segment the source has now is not the one exported before: history was rewritten.", exported.First);
                }

                using var copy = OpenCopy(Path.Combine(_target, name), name, exported.First);
                if (copy.Length != exported.Length)
                {
                    throw Damaged(LedgerFault.LengthWrong, name, $"The copy is {copy.Length} bytes long; its manifest says {exported.Length}.", exported.First);
                }
            }
        }

        private IFile OpenCopy(string path, string name, long first) => _files.Exists(path)
            ? _files.OpenRead(path)
            : throw Damaged(LedgerFault.FileMissing, name, "The copy lost a segment that its manifest lists.", first);

        private long Copy(SegmentSeal seal, MerkleFrontier frontier, MerkleHash before, CancellationToken cancellationToken)
        {
            var name = LedgerPaths.Segment(seal.First);
            if (frontier.Root() != before)
            {
                throw Damaged(LedgerFault.RootMismatch, LedgerPaths.Tree, "The source's stored tree does not have the root that was signed before this segment.", seal.First);
            }

            // A run that ended between this name and the manifest left the whole segment, or the name is not ours.
            var target = Path.Combine(_target, name);
            var arrived = _files.Exists(target);
            if (!arrived)
            {
                _files.CreateDirectory(Path.Combine(_incoming, LedgerPaths.Segments));
                CopyFile(Path.Combine(_source, name), Path.Combine(_incoming, name), cancellationToken);
            }

            var folder = arrived ? _target : _incoming;
            var (length, digest) = DigestOf(Path.Combine(folder, name), cancellationToken);
            if (length != seal.Length || digest != seal.Digest)
            {
                throw Damaged(
                    LedgerFault.BytesDamaged, name,
                    arrived ? "The copy has this name already, with other content than was sealed." : "The source's segment is not what was sealed: its length or digest is another.",
                    seal.First);
            }

            CheckRoot(folder, name, seal, frontier);
            if (!arrived)
            {
                _files.Rename(Path.Combine(_incoming, name), target);
                _files.SyncDirectory(Path.Combine(_target, LedgerPaths.Segments));
            }

            Ensure(LedgerPaths.SegmentSeal(seal.First), Encoding.UTF8.GetBytes(seal.ToString()));
            return arrived ? 0 : length;
        }

        // The seal's digest is not signed, the root is: the copied bytes themselves must hash to it.
        private void CheckRoot(string folder, string name, SegmentSeal seal, MerkleFrontier frontier)
        {
            using var segment = Segment.Open(_files, folder, seal.First, write: false);
            var scanner = new SegmentScanner(segment, Segment.HeaderSize, seal.First);
            ScanResult result;
            while ((result = scanner.Next(out var frame, out _)) == ScanResult.Frame)
            {
                var body = frame[Frame.HeaderSize..];
                while (Frame.TryTakeEntry(ref body, out var entry))
                {
                    frontier.Append(MerkleTree.LeafHash(entry));
                }
            }

            if (result != ScanResult.End || scanner.Index != seal.End || frontier.Root() != Root(seal))
            {
                throw Damaged(LedgerFault.RootMismatch, name, "The segment's entries do not hash to the root signed at its end.", seal.First);
            }
        }

        private void CopyFile(string from, string to, CancellationToken cancellationToken)
        {
            using var source = _files.OpenRead(from);
            using var copy = _files.OpenWrite(to);
            copy.SetLength(0);
            var buffer = new byte[CopySize];
            var offset = 0L;
            for (int read; (read = source.Read(offset, buffer)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                copy.Write(offset, buffer.AsSpan(0, read));
            }

            copy.Sync();
        }

        private (long Length, MerkleHash Digest) DigestOf(string path, CancellationToken cancellationToken)
        {
            using var file = _files.OpenRead(path);
            using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[CopySize];
            var offset = 0L;
            for (int read; (read = file.Read(offset, buffer)) > 0; offset += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                digest.AppendData(buffer, 0, read);
            }

            return (offset, new MerkleHash(digest.GetHashAndReset()));
        }

        private void Publish(ExportManifest manifest, bool isNew)
        {
            if (isNew)
            {
                Ensure(manifest.Name, Encoding.UTF8.GetBytes(manifest.ToString()));
            }

            Replace(LedgerPaths.Origin, Encoding.UTF8.GetBytes(_origin + "\n"));
            Replace(LedgerPaths.Keys, Encoding.UTF8.GetBytes(string.Concat(LogIdentity.ReadKeys(_files, _source).Select(k => k + "\n"))));
            Replace(LedgerPaths.Checkpoint, manifest.Checkpoint.ToBytes());
        }

        private void Ensure(string name, byte[] content)
        {
            if (!_files.Exists(Path.Combine(_target, name)))
            {
                AtomicFile.Write(_files, Path.Combine(_target, name), content);
            }
            else if (AtomicFile.Read(_files, Path.Combine(_target, name), int.MaxValue) is var held && !content.AsSpan().SequenceEqual(held))
            {
                throw Damaged(LedgerFault.BytesDamaged, name, "The copy has this name already, with other content.");
            }
        }

        private void Replace(string name, byte[] content)
        {
            var path = Path.Combine(_target, name);
            if (AtomicFile.Read(_files, path, SignedNote.MaximumLength) is not { } held || !content.AsSpan().SequenceEqual(held))
            {
                AtomicFile.Write(_files, path, content);
            }
        }

        private void ClearIncoming()
        {
            _files.DeleteFolder(Path.Combine(_incoming, LedgerPaths.Segments));
            _files.DeleteFolder(_incoming);
        }

        private static MerkleHash Root(SegmentSeal seal) => Checkpoint.Parse(seal.Checkpoint.Text)!.Root;

        private static LedgerDamagedException Damaged(LedgerFault fault, string file, string message, long? entry = null) =>
            new(new LedgerFinding(fault, file, message, entry));
    }
}
