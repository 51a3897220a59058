namespace Governance.Core.Inventory;

/// <summary>Who goes first among waiting runs. One that waits rises by one every ten minutes, so that nothing waits for ever.</summary>
public enum RunPriority
{
    Low,
    Normal,
    High,
}

/// <summary>How a run is to be carried out, where that is not the usual. Immutable; part of an event, so members are added and never changed.</summary>
public sealed record RunOptions
{
    /// <summary>Null for <see cref="RunPriority.Normal"/>.</summary>
    public RunPriority? Priority { get; init; }

    /// <summary>UTC; what has not ended by then ends as expired. Null for none.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>One of the engines the gateway has; null for its usual one.</summary>
    public string? Engine { get; init; }

    /// <summary>Envelope of the evidence that this run computes again, to compare; null for a run that makes evidence.</summary>
    public Digest? Reproduces { get; init; }

    /// <summary>Itself, or null when it says nothing: then nothing of it is recorded.</summary>
    public RunOptions? OrNull() => this == new RunOptions() ? null : this;
}
