using Governance.Core;
using Governance.Core.Inventory;

namespace Governance.Client.Contracts;

/// <param name="Version">The version it was found in; it holds for later ones too.</param>
/// <param name="Owner">Subject of the person who has to mend it.</param>
/// <param name="Due">UTC; in the future, within three years.</param>
/// <param name="Rule">Rule of the policy it is about.</param>
/// <param name="Evidence">Envelope among the version's evidence.</param>
public sealed record RaiseFindingRequest(
    string ModelId, int Version, string Title, string Description, FindingSeverity Severity, string Owner, DateTimeOffset Due, string? Rule = null,
    Digest? Evidence = null);

/// <param name="Evidence">Envelope, of any version of the model, that shows it is mended.</param>
public sealed record AnswerFindingRequest(string Response, Digest? Evidence = null);

/// <param name="Role">The role to act in: <c>validator</c>, <c>compliance</c> or <c>committee</c>.</param>
/// <param name="Verification">What was looked at to see that it is mended.</param>
public sealed record CloseFindingRequest(string Role, string Verification);

public sealed record ReopenFindingRequest(string Reason, DateTimeOffset Due);

public sealed record AddDeveloperRequest(string Person);

public sealed record FindingDetails
{
    /// <summary><c>home-loans.f3</c>.</summary>
    public required string Id { get; init; }

    public required string ModelId { get; init; }

    public required int Version { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required FindingSeverity Severity { get; init; }

    public required FindingStatus Status { get; init; }

    public required string Owner { get; init; }

    public required DateTimeOffset Due { get; init; }

    /// <summary>Not closed when due.</summary>
    public required bool Overdue { get; init; }

    public string? Rule { get; init; }

    public Digest? Evidence { get; init; }

    public required string RaisedBy { get; init; }

    public required string RaisedByName { get; init; }

    public required DateTimeOffset RaisedAt { get; init; }

    public required long LedgerIndex { get; init; }

    /// <summary>Answers, closures and reopenings, in order.</summary>
    public required IReadOnlyList<FindingNoteDetails> Notes { get; init; }
}

/// <param name="Status">The status the finding has had since.</param>
public sealed record FindingNoteDetails(FindingStatus Status, string Person, string PersonName, string Text, Digest? Evidence, DateTimeOffset Time, long LedgerIndex);

/// <summary>Which findings or waivers a list holds; null leaves the matter open.</summary>
public sealed record WorkFilter(string? ModelId = null, int? Version = null, string? Status = null);
