using Governance.Core.Events;

namespace Governance.Core.State;

/// <summary>Who answers a route. Immutable.</summary>
/// <param name="Since">When the version was promoted.</param>
/// <param name="Decision">Position of the promotion in the governance log: every answer names it.</param>
public sealed record RouteState(string Name, string ModelId, int Version, DateTimeOffset Since, long Decision)
{
    /// <summary>The version was suspended after its promotion: the route answers nothing.</summary>
    public bool Suspended { get; init; }
}

/// <summary>What an idempotency key stands for. Immutable.</summary>
/// <param name="Digest">Digest of the command it came with.</param>
/// <param name="First">Position of its first event.</param>
/// <param name="Count">Number of its events.</param>
public sealed record RequestRecord(Digest Digest, long First, int Count)
{
    internal static RequestRecord Extend(RequestRecord? existing, RecordedEvent recorded) =>
        existing is null
            ? new RequestRecord(recorded.RequestDigest ?? default, recorded.Position, 1)
            : existing with { Count = existing.Count + 1 };
}
