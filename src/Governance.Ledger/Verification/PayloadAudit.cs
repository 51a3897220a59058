using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// The payload store as seen without keys: which references it holds, live or erased, and the hash of each ciphertext. A reference gives away
/// no place, so all frames are read first; memory is about 100 bytes for each.
/// </summary>
internal sealed class PayloadAudit(IFileLayer files, string folder, Action<LedgerFinding> found)
{
    private readonly Dictionary<KeyRef, (MerkleHash Hash, bool Erased, string File, long Offset)> _frames = [];
    private long _live;
    private long _erased;
    private long _absent;

    public PayloadCounts Counts => new(_live, _erased, _absent);

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
                    _frames[PayloadFrame.KeyRefOf(frame)] = (hash, PayloadFrame.IsErased(frame), $"payloads/{month}/{name}", offset);
                });
            }
        }
    }

    /// <summary>Every reference in the log is exactly one of live and unchanged, or erased; absent ones are expired or lost, and counted.</summary>
    public void Check(long index, SealedRecord record, long soundSize)
    {
        if (!_frames.TryGetValue(record.KeyRef, out var frame))
        {
            _absent++;
            found(new LedgerFinding(
                LedgerFault.PayloadWrong, "payloads", $"The payload {record.KeyRef} is neither live nor erased here: lost, damaged, or expired with its month.", index, null, null, soundSize));
        }
        else if (frame.Erased)
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
}
