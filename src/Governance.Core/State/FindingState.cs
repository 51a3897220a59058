using System.Collections.Immutable;
using Governance.Core.Events;
using Governance.Core.Inventory;

namespace Governance.Core.State;

/// <summary>A finding and what was said about it. Immutable.</summary>
public sealed record FindingState
{
    public required FindingRaised Raised { get; init; }

    public required string RaisedBy { get; init; }

    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>Position of its raising in the governance log.</summary>
    public required long Position { get; init; }

    public FindingStatus Status { get; init; }

    /// <summary>When it has to be closed, UTC; a reopening sets it anew.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>It was recorded that it was open when due.</summary>
    public bool OverdueRecorded { get; init; }

    /// <summary>Answers, closures and reopenings, in order.</summary>
    public ImmutableList<FindingNote> Notes { get; init; } = [];

    public string Id => Raised.FindingId;

    public bool IsOpen => Status != FindingStatus.Closed;

    /// <summary>Holds for the version it was found in and every later one.</summary>
    public bool AppliesTo(int version) => version >= Raised.Version;

    public bool OverdueAt(DateTimeOffset now) => IsOpen && now > Due;

    internal static FindingState Create(FindingRaised e, RecordedEvent recorded) =>
        new() { Raised = e, RaisedBy = recorded.Actor, RaisedAt = recorded.Time, Position = recorded.Position, Due = e.Due };

    internal FindingState Answer(FindingAnswered e, RecordedEvent recorded) => this with
    {
        Status = FindingStatus.Answered,
        Notes = Notes.Add(new FindingNote(FindingStatus.Answered, e.Person, e.PersonName, e.Response, e.Evidence, recorded.Time, recorded.Position)),
    };

    internal FindingState Close(FindingClosed e, RecordedEvent recorded) => this with
    {
        Status = FindingStatus.Closed,
        Notes = Notes.Add(new FindingNote(FindingStatus.Closed, e.Person, e.PersonName, e.Verification, null, recorded.Time, recorded.Position)),
    };

    internal FindingState Reopen(FindingReopened e, RecordedEvent recorded) => this with
    {
        Status = FindingStatus.Open,
        Due = e.Due,
        OverdueRecorded = false,
        Notes = Notes.Add(new FindingNote(FindingStatus.Open, e.Person, e.PersonName, e.Reason, null, recorded.Time, recorded.Position)),
    };
}

/// <param name="Made">The status the finding has had since.</param>
public sealed record FindingNote(FindingStatus Made, string Person, string PersonName, string Text, Digest? Evidence, DateTimeOffset Time, long Position);
