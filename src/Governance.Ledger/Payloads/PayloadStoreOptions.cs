namespace Governance.Ledger;

/// <summary>How a payload store is kept. Immutable.</summary>
public sealed record PayloadStoreOptions
{
    /// <summary>Seals the key state.</summary>
    public required IKeyEncryptionKey KeyEncryptionKey { get; init; }

    /// <summary>Keys that may have sealed the state before, when a roll was interrupted. Default none.</summary>
    public IReadOnlyList<IKeyEncryptionKey> EarlierKeys { get; init; } = [];

    /// <summary>Decides the month, and with it the key tree, of a new payload (UTC).</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A payload file is closed when it would grow beyond this.</summary>
    internal int MaximumSegmentBytes { get; init; } = 64 << 20;

    internal IFileLayer Files { get; init; } = PhysicalFiles.Instance;

    /// <summary>Zeros that lie ahead in the file being written; see <see cref="ReservedTail"/>.</summary>
    internal int Ahead { get; init; } = ReservedTail.Usual;
}
