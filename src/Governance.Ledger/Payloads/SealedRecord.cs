namespace Governance.Ledger;

/// <summary>What a log entry keeps of a payload. Nothing in it is personal, and it stays true after erasure. Immutable.</summary>
/// <param name="CiphertextHash">SHA-256(nonce ‖ ciphertext ‖ tag): lets anyone check the payload store without keys.</param>
/// <param name="Commitment">HMAC-SHA256(r, plaintext), r random and kept inside the ciphertext: binds the plaintext and hides it.</param>
public readonly record struct SealedRecord(KeyRef KeyRef, MerkleHash CiphertextHash, MerkleHash Commitment);

/// <summary>What became of a payload.</summary>
public enum PayloadState
{
    /// <summary>The plaintext is given back, and it is the one that was sealed.</summary>
    Opened,

    /// <summary>Its subject was erased: the key is destroyed.</summary>
    Erased,

    /// <summary>Its month has expired: the keys of the month are destroyed.</summary>
    Expired,

    /// <summary>The store does not hold it.</summary>
    Missing,

    /// <summary>What is held is not what was sealed, or other associated data was given.</summary>
    Corrupt,
}

/// <summary>The outcome of opening a payload.</summary>
/// <param name="Plaintext">Empty unless opened. Overwrite it when done.</param>
public readonly record struct OpenedPayload(PayloadState State, byte[] Plaintext)
{
    internal static OpenedPayload Not(PayloadState state) => new(state, []);
}

/// <summary>What became of a request to erase a subject.</summary>
public enum ErasureStatus
{
    /// <summary>Keys, index rows and ciphertext are destroyed.</summary>
    Erased,

    /// <summary>A hold or restriction forbids it; nothing was changed.</summary>
    Held,
}

/// <summary>The outcome of an erasure: what an erasure entry in the log states.</summary>
/// <param name="Id">Random; marks the tombstones this erasure left. Zero when held.</param>
/// <param name="Count">Payloads destroyed.</param>
/// <param name="Root">Merkle root (RFC 6962) over the destroyed key references in ascending order, 16 bytes each.</param>
/// <param name="KeyEpoch">Number of the sealed key state in which the keys no longer are; older states must be destroyed with their key.</param>
/// <param name="Holds">The identifiers of the holds that forbid it; empty when erased.</param>
public sealed record ErasureOutcome(ErasureStatus Status, Guid Id, long Count, MerkleHash Root, long KeyEpoch, IReadOnlyList<string> Holds)
{
    /// <summary>The Merkle root over key references in ascending order, each a leaf of 16 bytes. Sorts <paramref name="keyRefs"/>.</summary>
    internal static MerkleHash RootOver(List<KeyRef> keyRefs)
    {
        keyRefs.Sort((a, b) => a.Value.CompareTo(b.Value));
        var frontier = new MerkleFrontier();
        Span<byte> bytes = stackalloc byte[KeyRef.Size];
        foreach (var keyRef in keyRefs)
        {
            keyRef.CopyTo(bytes);
            frontier.Append(MerkleTree.LeafHash(bytes));
        }

        return frontier.Root();
    }
}

/// <summary>Why a subject must not be erased for now.</summary>
public enum HoldKind
{
    /// <summary>Legal hold: kept for a claim, an investigation or a retention duty (GDPR art. 17(3)).</summary>
    LegalHold,

    /// <summary>Restriction of processing (GDPR art. 18): kept, used only for what the subject allows.</summary>
    Restriction,
}
