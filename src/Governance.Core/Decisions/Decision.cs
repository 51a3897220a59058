using Governance.Core.Events;

namespace Governance.Core.Decisions;

/// <summary>What <c>decide</c> answers: events to append, a refusal, or both (a refusal that is itself worth recording). Immutable.</summary>
public sealed record Decision
{
    public IReadOnlyList<GovernanceEvent> Events { get; private init; } = [];

    public Refusal? Refusal { get; private init; }

    /// <summary>Documents the events name by digest: kept before the events are appended.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Documents { get; init; } = [];

    public static Decision Accept(params IReadOnlyList<GovernanceEvent> events) => new() { Events = events };

    public static Decision Refuse(Refusal refusal, params IReadOnlyList<GovernanceEvent> recording) =>
        new() { Refusal = refusal, Events = recording };

    public static implicit operator Decision(Refusal refusal) => Refuse(refusal);
}
