using Governance.Core.Inventory;

namespace Governance.Core.Events;

/// <summary>A validator found something wrong with a version. It holds for that version and every later one until its closure is verified.</summary>
/// <param name="Owner">Subject of the person who has to mend it.</param>
/// <param name="Rule">Rule of the policy it is about; null for none.</param>
/// <param name="Evidence">Envelope it rests on; null for none.</param>
public sealed record FindingRaised(
    string ModelId, string FindingId, int Version, string Title, string Description, FindingSeverity Severity, string Owner, DateTimeOffset Due,
    string? Rule, Digest? Evidence, string PersonName) : GovernanceEvent;

/// <summary>The owner of a finding said what was done about it.</summary>
/// <param name="Evidence">Envelope that shows it; null for none.</param>
public sealed record FindingAnswered(string ModelId, string FindingId, string Person, string PersonName, string Response, Digest? Evidence) : GovernanceEvent;

/// <summary>Somebody independent verified that a finding is mended.</summary>
public sealed record FindingClosed(string ModelId, string FindingId, string Person, string PersonName, string Role, string Verification) : GovernanceEvent;

/// <summary>A closed finding turned out not to be mended, or an answer was not accepted.</summary>
public sealed record FindingReopened(string ModelId, string FindingId, string Person, string PersonName, string Reason, DateTimeOffset Due) : GovernanceEvent;

/// <summary>A finding was still open when it was due.</summary>
public sealed record FindingOverdue(string ModelId, string FindingId, DateTimeOffset Due) : GovernanceEvent;
