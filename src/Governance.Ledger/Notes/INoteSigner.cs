namespace Governance.Ledger;

/// <summary>Signs note text. Implementations may keep the key in a vault or a hardware module. Thread-safe.</summary>
public interface INoteSigner
{
    /// <summary>The public half, which names the key.</summary>
    NoteVerifier Verifier { get; }

    /// <summary>The signature bytes over <paramref name="text"/>, without the key id.</summary>
    byte[] Sign(ReadOnlySpan<byte> text);
}

/// <summary>Signs, as a witness, that a checkpoint is the largest consistent state of its log seen at a time (C2SP tlog-cosignature). Thread-safe.</summary>
public interface ICosigner
{
    /// <summary>The public half; of a cosignature type.</summary>
    NoteVerifier Verifier { get; }

    /// <summary>The signature, timestamp first, without the key id.</summary>
    /// <param name="time">Truncated to seconds; after 1970.</param>
    byte[] Cosign(Checkpoint checkpoint, DateTimeOffset time);
}
