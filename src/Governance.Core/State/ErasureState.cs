using System.Collections.Immutable;
using Governance.Core.Events;

namespace Governance.Core.State;

/// <summary>An erasure request on its way. Holds nothing that identifies the subject. Immutable.</summary>
public sealed record ErasureState
{
    public required ErasureRequested Request { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public required long RequestedPosition { get; init; }

    public ImmutableList<ErasureApproval> Approvals { get; init; } = [];

    /// <summary>What was about to be destroyed; null before the execution began.</summary>
    public ErasureStarted? Started { get; init; }

    public ErasureExecuted? Executed { get; init; }

    public DateTimeOffset? ExecutedAt { get; init; }

    public long? ExecutedPosition { get; init; }

    /// <summary>That no backup can bring the records back any more; null before the key of that time was destroyed.</summary>
    public ErasureFinalised? Finalised { get; init; }

    public DateTimeOffset? FinalisedAt { get; init; }

    public long? FinalisedPosition { get; init; }

    public string Id => Request.RequestId;

    internal static ErasureState Create(ErasureRequested e, RecordedEvent recorded) => new()
    {
        Request = e,
        RequestedBy = recorded.Actor,
        RequestedAt = recorded.Time,
        RequestedPosition = recorded.Position,
    };

    internal ErasureState Approve(ErasureApproved e, RecordedEvent recorded) =>
        this with { Approvals = Approvals.Add(new ErasureApproval(e.Person, e.PersonName, e.Role, recorded.Time, recorded.Position)) };
}

public sealed record ErasureApproval(string Person, string PersonName, string Role, DateTimeOffset Time, long Position);
