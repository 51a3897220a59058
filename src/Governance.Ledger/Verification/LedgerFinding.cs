using System.Globalization;
using System.Text;

namespace Governance.Ledger;

/// <summary>What kind of thing is wrong.</summary>
public enum LedgerFault
{
    /// <summary>A file the log needs is absent.</summary>
    FileMissing,

    /// <summary>A file is shorter or longer than what it must hold.</summary>
    LengthWrong,

    /// <summary>Bytes that are not of the format, or whose checksum or digest does not match.</summary>
    BytesDamaged,

    /// <summary>Entries do not hash to the tree: an entry, its order, or a stored tree node was changed.</summary>
    HashMismatch,

    /// <summary>The recomputed root is not the one that was signed.</summary>
    RootMismatch,

    /// <summary>A signature does not verify, or no known key signed.</summary>
    SignatureInvalid,

    /// <summary>This log is not an extension of a checkpoint that was saved earlier: history was rewritten or rolled back.</summary>
    Inconsistent,

    /// <summary>A receipt does not hold in this log.</summary>
    ReceiptInvalid,

    /// <summary>The witnesses that the policy demands did not cosign.</summary>
    NotWitnessed,

    /// <summary>A payload is missing, changed, or neither live nor erased nor expired.</summary>
    PayloadWrong,
}

/// <summary>One thing that is wrong, and where. Immutable.</summary>
/// <param name="File">Path relative to the ledger folder, with forward slashes.</param>
/// <param name="Message">One sentence without entry content.</param>
/// <param name="EntryIndex">The first entry concerned, when known.</param>
/// <param name="Offset">First byte concerned in the file, when known.</param>
/// <param name="Length">Bytes concerned from <paramref name="Offset"/>, when known.</param>
/// <param name="SinceCheckpoint">Size of the newest signed checkpoint before the damage: up to there all is proved sound.</param>
public sealed record LedgerFinding(
    LedgerFault Fault,
    string File,
    string Message,
    long? EntryIndex = null,
    long? Offset = null,
    long? Length = null,
    long? SinceCheckpoint = null)
{
    public override string ToString()
    {
        var text = new StringBuilder(File);
        if (Offset is { } offset)
        {
            text.Append(CultureInfo.InvariantCulture, $", bytes {offset}..{offset + Math.Max(Length ?? 1, 1) - 1}");
        }

        if (EntryIndex is { } index)
        {
            text.Append(CultureInfo.InvariantCulture, $", entry {index}");
        }

        text.Append(": ").Append(Message);
        if (SinceCheckpoint is { } size)
        {
            text.Append(CultureInfo.InvariantCulture, $" Sound up to the checkpoint of size {size}.");
        }

        return text.ToString();
    }
}
