using Governance.Core.Events;

namespace Governance.Core.Decisions;

/// <summary>How a command ended. A closed family.</summary>
public abstract record CommandOutcome
{
    private CommandOutcome()
    {
    }

    /// <param name="Replayed">The idempotency key was seen before with the same request: these are the events of then; nothing was appended.</param>
    public sealed record Accepted(IReadOnlyList<RecordedEvent> Events, bool Replayed) : CommandOutcome;

    public sealed record Refused(Refusal Refusal) : CommandOutcome;
}

/// <summary>A caller's idempotency key and the digest of the request it came with.</summary>
/// <param name="Key">1 to 128 printable ASCII characters, unique per caller.</param>
public sealed record RequestKey(string Key, Digest Digest);
