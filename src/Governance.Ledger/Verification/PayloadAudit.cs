using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// The payload store as seen without keys: which references it holds, live or erased, and the hash of each ciphertext. A reference gives away
/// no place, so all frames are read first; memory is about 100 bytes for each.
/// </summary>
internal sealed class PayloadAudit(IFileLayer files, string folder, Action<LedgerFinding> found)
{
    private readonly Dictionary<KeyRef, (MerkleHash Hash, Guid? Erasure, string File, long Offset)> _frames = [];
    private readonly Dictionary<Guid, List<KeyRef>> _erasures = [];
    private readonly HashSet<Guid> _recorded = [];
    private long _live;
    private long _erased;
    private long _expired;
    private long _absent;

    public PayloadCounts Counts => new(_live, _erased, _expired, _absent);

    public void Read(CancellationToken cancellationToken)
    {
        foreach (var month in files.ListFolders(folder).Order(StringComparer.Ordinal))
        {
            var names = files.ListFiles(Path.Combine(folder, month)).Where(f => f.EndsWith(".pay", StringComparison.Ordinal));
            foreach (var name in names.Order(StringComparer.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var file = files.OpenRead(Path.Combine(folder, month, name));
                PayloadScan.Scan(file, PayloadScan.Plausible, (offset, frame) =>
                {
                    var hash = new MerkleHash(SHA256.HashData(frame[PayloadFrame.HeaderSize..]));
                    var keyRef = PayloadFrame.KeyRefOf(frame);
                    Guid? erasure = PayloadFrame.IsErased(frame) ? new Guid(PayloadFrame.Subject(frame)) : null;
                    if (_frames.TryAdd(keyRef, (hash, erasure, $"payloads/{month}/{name}", offset)) && erasure is { } id)
                    {
                        (_erasures.TryGetValue(id, out var list) ? list : _erasures[id] = []).Add(keyRef);
                    }
                });
            }
        }
    }

    /// <summary>Every reference in the log is exactly one of live and unchanged, erased, or expired with its month.</summary>
    public void Check(long index, SealedRecord record, bool mayBeExpired, long soundSize)
    {
        if (!_frames.TryGetValue(record.KeyRef, out var frame))
        {
            if (mayBeExpired)
            {
                _expired++;
                return;
            }

            _absent++;
            found(new LedgerFinding(
                LedgerFault.PayloadWrong, "payloads", $"The payload {record.KeyRef} is neither live nor erased nor expired: it was lost or damaged.",
                index, null, null, soundSize));
        }
        else if (frame.Erasure is not null)
        {
            _erased++;
        }
        else if (frame.Hash != record.CiphertextHash)
        {
            found(new LedgerFinding(
                LedgerFault.PayloadWrong, frame.File, $"The payload {record.KeyRef} is not the one that was sealed.", index, frame.Offset, null, soundSize));
        }
        else
        {
            _live++;
        }
    }

    /// <summary>The tombstones of an erasure are the payloads its entry states.</summary>
    public void Check(long index, ErasureRecord erasure, long soundSize)
    {
        _recorded.Add(erasure.Id);
        var tombstones = _erasures.GetValueOrDefault(erasure.Id) ?? [];
        if (tombstones.Count > erasure.Count || (tombstones.Count == erasure.Count && ErasureOutcome.RootOver(tombstones) != erasure.Root))
        {
            found(new LedgerFinding(
                LedgerFault.PayloadWrong, "payloads", $"The erasure {erasure.Id} destroyed other payloads than its entry states.", index, null, null, soundSize));
        }
    }

    /// <summary>Nothing was erased without an entry that says so.</summary>
    public void CheckAllErasuresRecorded()
    {
        foreach (var (id, keyRefs) in _erasures.Where(e => !_recorded.Contains(e.Key)))
        {
            found(new LedgerFinding(
                LedgerFault.PayloadWrong, _frames[keyRefs[0]].File, $"{keyRefs.Count} payloads were erased by {id}, which no entry records.", null, _frames[keyRefs[0]].Offset));
        }
    }
}
