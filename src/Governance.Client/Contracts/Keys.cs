namespace Governance.Client.Contracts;

/// <summary>The key-encryption key of one node's payloads. Names of keys are public; the keys never leave their vault.</summary>
public sealed record KeyDetails
{
    /// <summary>The inference log whose payloads these are.</summary>
    public required string Log { get; init; }

    /// <summary>Name of the key that seals the state.</summary>
    public required string Key { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>First epoch this key sealed.</summary>
    public required long FromEpoch { get; init; }

    /// <summary>Epoch of the present key state.</summary>
    public required long Epoch { get; init; }

    /// <summary>Keys of before that still exist: each opens older copies of the state.</summary>
    public required IReadOnlyList<string> Retired { get; init; }

    /// <summary>When the next roll is due, UTC.</summary>
    public required DateTimeOffset NextRoll { get; init; }

    /// <summary>Executed erasures that become final when the keys of their time are destroyed.</summary>
    public required int PendingErasures { get; init; }
}
