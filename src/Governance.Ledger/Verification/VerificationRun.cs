using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>One verification of one folder, gathering findings.</summary>
internal sealed class VerificationRun : IDisposable
{
    private const int Batch = 1 << 14;
    private readonly string _folder;
    private readonly VerificationRequest _request;
    private readonly IFileLayer _files;
    private readonly TreeFiles _tree;
    private readonly List<LedgerFinding> _findings = [];
    private readonly IReadOnlyList<NoteVerifier> _keys;
    private readonly string _origin;
    private readonly PayloadAudit? _payloads;
    private Checkpoint? _checkpoint;
    private readonly ExportManifest? _manifest;
    private readonly bool _hasWitnessed;
    private readonly byte[]? _witnessed;
    private readonly Dictionary<long, MerkleHash?> _roots = [];
    private long _soundSize;
    private long _entriesRead;

    public VerificationRun(IFileLayer files, string folder, VerificationRequest request)
    {
        (_files, _folder, _request) = (files, folder, request);
        _tree = new TreeFiles(files, folder, write: false);
        _keys = request.Keys.Count > 0 ? request.Keys : FolderKeys();
        _origin = request.Keys.Count > 0 ? request.Keys[0].Name : FolderOrigin();
        _manifest = ReadManifest();

        // Before the checkpoint, which is never older: beside a writer the other order could see a cosigned one that is newer.
        _hasWitnessed = files.Exists(Path.Combine(folder, LedgerPaths.Witnessed));
        _witnessed = _hasWitnessed ? ReadLimited(LedgerPaths.Witnessed, SignedNote.MaximumLength) : null;
        _payloads = request is { PayloadFolder: { } payloads, PayloadsOf: not null } ? new PayloadAudit(files, payloads, Found) : null;
    }

    /// <summary>The folder is a copy made by <see cref="LedgerExport"/>: its entries stand for themselves, there is no stored tree.</summary>
    public bool IsExported => _manifest is not null;

    public VerificationReport Report() => new(
        _origin,
        _checkpoint,
        _request.Keys.Count > 0 ? KeySource.Given : KeySource.Folder,
        _entriesRead,
        _payloads?.Counts ?? default,
        _findings);

    public void CheckCheckpoint()
    {
        if (!string.Equals(FolderOrigin(), _origin, StringComparison.Ordinal))
        {
            Found(new LedgerFinding(LedgerFault.Inconsistent, LedgerPaths.Origin, $"The folder does not claim to be the log {_origin}."));
        }

        foreach (var key in _request.Keys.Count == 0 ? [] : FolderKeys().Where(k => !_keys.Any(g => Same(g, k))))
        {
            Found(new LedgerFinding(LedgerFault.SignatureInvalid, LedgerPaths.Keys, $"The folder lists the key {key.KeyId:x8}, which was not given."));
        }

        if (ReadLimited(LedgerPaths.Checkpoint, SignedNote.MaximumLength) is not { } bytes)
        {
            Found(new LedgerFinding(LedgerFault.FileMissing, LedgerPaths.Checkpoint, "There is no checkpoint, or it is too long to be one."));
        }
        else if (Checkpoint.TryVerify(bytes, _origin, _keys, out var checkpoint, out var error))
        {
            _checkpoint = checkpoint;
        }
        else
        {
            Found(new LedgerFinding(LedgerFault.SignatureInvalid, LedgerPaths.Checkpoint, error, null, 0, bytes.Length));
            _checkpoint = SignedNote.TryParse(bytes, out var note, out _) ? Checkpoint.Parse(note.Text) : null;
        }
    }

    /// <summary>The root computed from the stored tree's right edge must be the signed one.</summary>
    public void CheckEdge()
    {
        if (_checkpoint is not { } checkpoint)
        {
            return;
        }

        if (StoredRoot(checkpoint.Size) is not { } root)
        {
            Found(new LedgerFinding(LedgerFault.LengthWrong, LedgerPaths.Tree, $"The stored tree does not reach the checkpoint of size {checkpoint.Size}."));
        }
        else if (root != checkpoint.Root)
        {
            Found(new LedgerFinding(LedgerFault.RootMismatch, LedgerPaths.Tree, "The stored tree does not have the root of the checkpoint; fsck finds where."));
        }
    }

    public void CheckSavedCheckpoints()
    {
        for (var i = 0; i < _request.SavedCheckpoints.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"saved checkpoint {i + 1}");
            if (!Checkpoint.TryVerify(_request.SavedCheckpoints[i].Span, _origin, _keys, out var saved, out var error))
            {
                Found(new LedgerFinding(LedgerFault.SignatureInvalid, name, error));
            }
            else if (_checkpoint is not { } checkpoint || checkpoint.Size < saved.Size)
            {
                Found(new LedgerFinding(
                    LedgerFault.Inconsistent, name, $"The log was rolled back: it ends at {_checkpoint?.Size ?? 0}, the saved checkpoint at {saved.Size}.", _checkpoint?.Size ?? 0));
            }
            else if (!ExtendsBy(saved, checkpoint))
            {
                Found(new LedgerFinding(
                    LedgerFault.Inconsistent, name, $"The log is not an extension of the saved checkpoint of size {saved.Size}: its history was rewritten."));
            }
        }
    }

    /// <summary>The cosigned checkpoint, where there is one or the policy demands one: who signed it, and that the log extends it.</summary>
    public void CheckWitnessed()
    {
        const string Name = LedgerPaths.Witnessed;
        if (!_hasWitnessed)
        {
            if (_request.Policy is not null)
            {
                Found(new LedgerFinding(LedgerFault.NotWitnessed, Name, "There is no cosigned checkpoint, and the policy demands one."));
            }

            return;
        }

        var witnessed = new Checkpoint(_origin, 0, MerkleTree.EmptyRoot);
        var error = "It is too long to be a checkpoint.";
        if (_witnessed is not { } bytes || !Checkpoint.TryVerify(bytes, _origin, _keys, out witnessed, out error))
        {
            Found(new LedgerFinding(LedgerFault.SignatureInvalid, Name, error));
        }
        else if (!Satisfies(bytes))
        {
            Found(new LedgerFinding(LedgerFault.NotWitnessed, Name, "The cosignatures that verify do not make the policy's quorum."));
        }
        else if (_checkpoint is not { } checkpoint || checkpoint.Size < witnessed.Size || !ExtendsBy(witnessed, checkpoint))
        {
            Found(new LedgerFinding(LedgerFault.Inconsistent, Name, $"The log does not extend the cosigned checkpoint of size {witnessed.Size}.", _checkpoint?.Size ?? 0));
        }
    }

    public void CheckReceipts()
    {
        for (var i = 0; i < _request.Receipts.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"receipt {i + 1}");
            var (bytes, entry) = _request.Receipts[i];
            if (!InclusionReceipt.TryParse(bytes.Span, out var receipt, out var error) || !receipt.Verify(entry.Span, _origin, _keys, out error))
            {
                Found(new LedgerFinding(LedgerFault.ReceiptInvalid, name, error));
                continue;
            }

            if (!Satisfies(receipt.Checkpoint.ToBytes()))
            {
                Found(new LedgerFinding(LedgerFault.NotWitnessed, name, "The cosignatures of the receipt's checkpoint do not make the policy's quorum.", receipt.Index));
            }

            var signed = Checkpoint.Parse(receipt.Checkpoint.Text)!;
            if (_checkpoint is not { } checkpoint || checkpoint.Size < signed.Size || !ExtendsBy(signed, checkpoint))
            {
                Found(new LedgerFinding(LedgerFault.Inconsistent, name, "The receipt is genuine, but this log does not extend the checkpoint it was given under.", receipt.Index));
            }
        }
    }

    /// <summary>Given entries and a random sample: bytes, place, and inclusion under the signed root.</summary>
    public void CheckEntries()
    {
        if (_checkpoint is not { } checkpoint || (_request.Entries.Count == 0 && _request.Sample == 0))
        {
            return;
        }

        using var store = new LogStore(_files, _folder, write: false) { Size = checkpoint.Size };
        foreach (var index in _request.Entries.Concat(EntrySample.Draw(_request.Sample, checkpoint.Size)))
        {
            if (index < 0 || index >= checkpoint.Size)
            {
                Found(new LedgerFinding(LedgerFault.LengthWrong, LedgerPaths.Checkpoint, $"The checkpoint covers {checkpoint.Size} entries, not this one.", index));
                continue;
            }

            try
            {
                var proof = MerkleTree.InclusionProof(index, checkpoint.Size, _tree.Node);
                var segment = store.Find(index);
                if (segment?.Read(index) is not { } entry
                    || !MerkleTree.VerifyInclusion((ulong)index, (ulong)checkpoint.Size, MerkleTree.LeafHash(entry), proof, checkpoint.Root))
                {
                    Found(new LedgerFinding(
                        LedgerFault.HashMismatch, LedgerPaths.Segment(segment?.FirstIndex ?? 0), "The entry is not proved to be in the signed tree.", index, segment?.OffsetOf(index)));
                }

                _entriesRead++;
            }
            catch (LedgerDamagedException e)
            {
                Found(e.Finding with { EntryIndex = index });
            }
            catch (IOException e)
            {
                Found(new LedgerFinding(LedgerFault.FileMissing, LedgerPaths.Segments, "The entry cannot be read: " + e.Message, index));
            }
        }
    }

    /// <summary>An exported copy holds exactly what its newest manifest lists, and its checkpoint is the manifest's.</summary>
    public void CheckManifest()
    {
        if (_manifest is null)
        {
            return;
        }

        var name = _manifest.Name;
        if (ReadLimited(LedgerPaths.Checkpoint, SignedNote.MaximumLength) is { } bytes && !bytes.AsSpan().SequenceEqual(_manifest.Checkpoint.ToBytes()))
        {
            Found(new LedgerFinding(LedgerFault.Inconsistent, LedgerPaths.Checkpoint, $"It is not the checkpoint of {name}; run the export again."));
        }

        var present = LedgerPaths.FindSegments(_files, _folder);
        foreach (var segment in _manifest.Segments)
        {
            var file = LedgerPaths.Segment(segment.First);
            if (!present.Contains(segment.First))
            {
                Found(new LedgerFinding(LedgerFault.FileMissing, file, $"{name} lists the segment.", segment.First));
            }
            else if (ReadLimited(LedgerPaths.SegmentSeal(segment.First), SegmentSeal.MaximumLength) is not { } seal
                || SegmentSeal.Parse(seal) is not { } parsed || ExportedSegment.Of(parsed) != segment)
            {
                Found(new LedgerFinding(LedgerFault.Inconsistent, LedgerPaths.SegmentSeal(segment.First), $"The seal is not the one that {name} lists.", segment.First));
            }
        }
    }

    public void ReadPayloads(CancellationToken cancellationToken) => _payloads?.Read(cancellationToken);

    /// <summary>Walks all segments, rebuilds the tree and compares it with everything stored and signed.</summary>
    public void RebuildTree(CancellationToken cancellationToken)
    {
        var starts = LedgerPaths.FindSegments(_files, _folder);
        var frontier = new MerkleFrontier();
        RememberRoots();
        for (var i = 0; i < starts.Count && _findings.Count < LedgerVerifier.MaximumFindings; i++)
        {
            if (starts[i] != frontier.Size)
            {
                Found(new LedgerFinding(
                    LedgerFault.FileMissing, LedgerPaths.Segment(frontier.Size), $"Entries {frontier.Size} to {starts[i] - 1} are missing.", frontier.Size));
                return;
            }

            if (_request.OnlySigned && frontier.Size > 0 && frontier.Size == _checkpoint?.Size)
            {
                return;
            }

            if (!RebuildSegment(starts[i], i + 1 < starts.Count ? starts[i + 1] : null, frontier, cancellationToken))
            {
                return;
            }
        }

        if (_request.ErasuresOf is not null)
        {
            _payloads?.CheckAllErasuresRecorded();
        }

        if (_checkpoint is { } checkpoint && frontier.Size < checkpoint.Size)
        {
            Found(new LedgerFinding(
                LedgerFault.LengthWrong,
                LedgerPaths.Segment(starts.Count == 0 ? 0 : starts[^1]),
                $"The log ends after {frontier.Size} entries; the checkpoint covers {checkpoint.Size}.",
                frontier.Size));
        }

        for (var level = 0; level <= LedgerPaths.MaximumLevel; level++)
        {
            if (!_request.OnlySigned && _tree.Count(level) > frontier.Size >> level && frontier.Size >= (_checkpoint?.Size ?? 0))
            {
                Found(new LedgerFinding(
                    LedgerFault.LengthWrong, LedgerPaths.Level(level), "The stored tree holds nodes of entries that are not there.",
                    null, (frontier.Size >> level) * MerkleHash.Size));
            }
        }
    }

    public void Dispose() => _tree.Dispose();

    private bool RebuildSegment(long start, long? next, MerkleFrontier frontier, CancellationToken cancellationToken)
    {
        var name = LedgerPaths.Segment(start);
        using var file = _files.OpenRead(Path.Combine(_folder, name));
        if (Segment.ReadHeader(file) is not { } header || header.FirstIndex != start)
        {
            Found(new LedgerFinding(LedgerFault.BytesDamaged, name, "The segment header is damaged.", start, 0, Segment.HeaderSize));
            return false;
        }

        var seal = ReadSeal(start, next);
        using var segment = Segment.Open(_files, _folder, start, write: false);
        var scanner = new SegmentScanner(segment, Segment.HeaderSize, start);
        var leaves = new List<MerkleHash>();
        var targets = new SortedDictionary<long, Checkpoint>();
        if (_checkpoint is { } checkpoint && checkpoint.Size >= start)
        {
            targets[checkpoint.Size] = checkpoint;
        }

        while (_findings.Count < LedgerVerifier.MaximumFindings)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_request.OnlySigned && scanner.Index == _checkpoint?.Size)
            {
                Flush(leaves, frontier, targets);
                return true;
            }

            var (at, first) = (scanner.Offset, scanner.Index);
            var result = scanner.Next(out var frame, out _);
            if (result != ScanResult.Frame)
            {
                Flush(leaves, frontier, targets);
                var ends = result == ScanResult.End && (next is null || first == next);
                if (!ends && (next is not null || first < (_checkpoint?.Size ?? long.MaxValue) || scanner.LaterFrameProvesDamage()))
                {
                    Found(Bad(name, segment, at, first, result));
                    return false;
                }

                CheckSeal(seal, segment, result == ScanResult.End ? at : segment.Length, frontier);
                return true;
            }

            var (index, offset) = (first, at + Frame.HeaderSize);
            var body = frame[Frame.HeaderSize..];
            while (Frame.TryTakeEntry(ref body, out var entry))
            {
                Take(segment, name, index, offset, entry);
                leaves.Add(MerkleTree.LeafHash(entry));
                index++;
                offset += 2 + entry.Length;
                if (leaves.Count == Batch || index == _checkpoint?.Size || _roots.ContainsKey(index))
                {
                    Flush(leaves, frontier, targets);
                }
            }
        }

        return false;
    }

    private void Take(Segment segment, string name, long index, long offset, ReadOnlySpan<byte> entry)
    {
        _entriesRead++;
        if (segment.IndexedEntries > index - segment.FirstIndex && segment.OffsetOf(index) != offset)
        {
            Found(new LedgerFinding(
                LedgerFault.BytesDamaged, LedgerPaths.SegmentIndex(segment.FirstIndex), $"The offset of the entry in {name} is wrong; delete the file, it is rebuilt.",
                index, (index - segment.FirstIndex) * sizeof(uint), sizeof(uint)));
        }

        if (_payloads is not null)
        {
            var copy = new LedgerEntry(index, entry.ToArray());
            var expired = _request.IsExpired?.Invoke(copy) ?? false;
            foreach (var record in _request.PayloadsOf!(copy))
            {
                _payloads.Check(index, record, expired, _soundSize);
            }

            foreach (var erasure in _request.ErasuresOf?.Invoke(copy) ?? [])
            {
                _payloads.Check(index, erasure, _soundSize);
            }
        }
    }

    private void Flush(List<MerkleHash> leaves, MerkleFrontier frontier, SortedDictionary<long, Checkpoint> targets)
    {
        frontier.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(leaves), CompareNodes);
        leaves.Clear();
        if (_roots.ContainsKey(frontier.Size))
        {
            _roots[frontier.Size] = frontier.Root();
        }

        if (targets.TryGetValue(frontier.Size, out var signed))
        {
            if (frontier.Root() == signed.Root)
            {
                _soundSize = signed.Size;
            }
            else
            {
                Found(new LedgerFinding(
                    LedgerFault.RootMismatch, LedgerPaths.Checkpoint,
                    "The entries do not hash to the signed root. Nodes that differ from the stored tree, if any, are reported beside.",
                    null, null, null, _soundSize));
            }
        }
    }

    private void CompareNodes(int level, long first, ReadOnlySpan<MerkleHash> nodes)
    {
        if (IsExported)
        {
            return;
        }

        var stored = _tree.Nodes(level, first, nodes.Length);
        if (stored is null)
        {
            // The tree of entries after the checkpoint may not have been written when the copy was taken.
            if (_checkpoint is not { } checkpoint || first + 1 <= checkpoint.Size >> level)
            {
                Found(new LedgerFinding(
                    LedgerFault.LengthWrong, LedgerPaths.Level(level), "The stored tree ends too early.",
                    first << level, first * MerkleHash.Size, nodes.Length * MerkleHash.Size, _soundSize));
            }

            return;
        }

        for (var i = 0; i < nodes.Length && _findings.Count < LedgerVerifier.MaximumFindings; i++)
        {
            if (new MerkleHash(stored.AsSpan(i * MerkleHash.Size)) != nodes[i])
            {
                var covers = level == 0 ? "the entry" : $"{1L << level} entries";
                Found(new LedgerFinding(
                    LedgerFault.HashMismatch, LedgerPaths.Level(level), $"The stored node is not the hash of {covers} it covers.",
                    first + i << level, (first + i) * MerkleHash.Size, MerkleHash.Size, _soundSize));
            }
        }
    }

    private (SegmentSeal Seal, Checkpoint? Signed)? ReadSeal(long start, long? next)
    {
        var name = LedgerPaths.SegmentSeal(start);
        if (!_files.Exists(Path.Combine(_folder, name)))
        {
            // Sealing follows within a checkpoint interval; the checkpoint does not tell whether it had happened.
            return null;
        }

        if (ReadLimited(name, SegmentSeal.MaximumLength) is not { } bytes || SegmentSeal.Parse(bytes) is not { } seal
            || !bytes.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(seal.ToString())))
        {
            Found(new LedgerFinding(LedgerFault.BytesDamaged, name, "The seal is not of the format.", start, null, null, _soundSize));
            return null;
        }

        if (!Checkpoint.TryVerify(seal.Checkpoint.ToBytes(), _origin, _keys, out var signed, out var error))
        {
            Found(new LedgerFinding(LedgerFault.SignatureInvalid, name, error, start, null, null, _soundSize));
            return (seal, null);
        }

        if (seal.First != start || seal.End != (next ?? seal.End) || signed.Size != seal.End)
        {
            Found(new LedgerFinding(LedgerFault.Inconsistent, name, "The seal belongs to another range of entries.", start, null, null, _soundSize));
        }

        return (seal, signed);
    }

    /// <param name="end">Where the segment ends, but for zeros.</param>
    private void CheckSeal((SegmentSeal Seal, Checkpoint? Signed)? read, Segment segment, long end, MerkleFrontier frontier)
    {
        if (read is not var (seal, signed))
        {
            return;
        }

        var name = LedgerPaths.SegmentSeal(segment.FirstIndex);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        segment.CopyTo(Math.Min(seal.Length, segment.Length), piece => digest.AppendData(piece));
        if (seal.Length < end || seal.Length > segment.Length || new MerkleHash(digest.GetHashAndReset()) != seal.Digest)
        {
            Found(new LedgerFinding(LedgerFault.BytesDamaged, name, "The segment's length or digest is not the sealed one.", segment.FirstIndex, null, null, _soundSize));
        }

        if (signed is not null && signed.Size == frontier.Size)
        {
            if (signed.Root == frontier.Root())
            {
                _soundSize = Math.Max(_soundSize, signed.Size);
            }
            else
            {
                Found(new LedgerFinding(
                    LedgerFault.RootMismatch, name, "The entries up to the end of the segment do not hash to the root signed then.", segment.FirstIndex, null, null, _soundSize));
            }
        }
    }

    private LedgerFinding Bad(string name, Segment segment, long at, long first, ScanResult result) => new(
        result == ScanResult.End ? LedgerFault.LengthWrong : LedgerFault.BytesDamaged,
        name,
        result == ScanResult.End ? "The segment ends before the next one begins." : "The bytes from here on are not the frame of this entry.",
        first, at, Math.Max(1, segment.Length - at), _soundSize);

    private bool Satisfies(byte[] note) =>
        _request.Policy is not { } policy || (SignedNote.TryParse(note, out var signed, out _) && policy.IsSatisfiedBy(signed, out _));

    // Proved from stored nodes when the tree holds them; a wrong node makes the proof fail, never succeed.
    private bool ExtendsBy(Checkpoint old, Checkpoint @new)
    {
        if (_roots.TryGetValue(old.Size, out var rebuilt))
        {
            return rebuilt == old.Root;
        }

        try
        {
            var proof = MerkleTree.ConsistencyProof(old.Size, @new.Size, _tree.Node);
            return MerkleTree.VerifyConsistency((ulong)old.Size, (ulong)@new.Size, proof, old.Root, @new.Root);
        }
        catch (LedgerDamagedException)
        {
            return false;
        }
    }

    // Without a stored tree, the roots at the sizes asked about are taken while the entries are read.
    private void RememberRoots()
    {
        if (!IsExported)
        {
            return;
        }

        var notes = _request.SavedCheckpoints.Concat(_request.Receipts.Select(r =>
            InclusionReceipt.TryParse(r.Receipt.Span, out var receipt, out _) ? (ReadOnlyMemory<byte>)receipt.Checkpoint.ToBytes() : default));
        foreach (var note in notes)
        {
            if (SignedNote.TryParse(note.Span, out var signed, out _) && Checkpoint.Parse(signed.Text) is { } checkpoint)
            {
                _roots[checkpoint.Size] = checkpoint.Size == 0 ? MerkleTree.EmptyRoot : null;
            }
        }
    }

    private ExportManifest? ReadManifest()
    {
        try
        {
            return ExportManifest.ReadNewest(_files, _folder);
        }
        catch (LedgerDamagedException e)
        {
            Found(e.Finding);
            return null;
        }
    }

    private MerkleHash? StoredRoot(long size)
    {
        try
        {
            return MerkleTree.Root(size, _tree.Node);
        }
        catch (LedgerDamagedException)
        {
            return null;
        }
    }

    private byte[]? ReadLimited(string name, int limit)
    {
        try
        {
            return AtomicFile.Read(_files, Path.Combine(_folder, name), limit);
        }
        catch (LedgerDamagedException)
        {
            return null;
        }
    }

    private string FolderOrigin()
    {
        try
        {
            return LogIdentity.ReadOrigin(_files, _folder) ?? "";
        }
        catch (LedgerDamagedException)
        {
            return "";
        }
    }

    private IReadOnlyList<NoteVerifier> FolderKeys()
    {
        try
        {
            return LogIdentity.ReadKeys(_files, _folder);
        }
        catch (LedgerDamagedException e)
        {
            Found(e.Finding);
            return [];
        }
    }

    private static bool Same(NoteVerifier a, NoteVerifier b) => string.Equals(a.ToString(), b.ToString(), StringComparison.Ordinal);

    private void Found(LedgerFinding finding)
    {
        if (_findings.Count < LedgerVerifier.MaximumFindings)
        {
            _findings.Add(finding);
        }
    }
}
