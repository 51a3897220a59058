using Governance.Client.Contracts;
using Governance.Core.State;

namespace Governance.Gateway.Api;

/// <summary>Findings and waivers as the API shows them at an instant. Pure functions.</summary>
internal static class OversightViews
{
    /// <summary>Sorts a list and names its pages: the position in the log, wide enough to sort as text.</summary>
    public static string Key(long position) => position.ToString("D20", System.Globalization.CultureInfo.InvariantCulture);

    public static FindingDetails Details(FindingState finding, DateTimeOffset now) => new()
    {
        Id = finding.Id,
        ModelId = finding.Raised.ModelId,
        Version = finding.Raised.Version,
        Title = finding.Raised.Title,
        Description = finding.Raised.Description,
        Severity = finding.Raised.Severity,
        Status = finding.Status,
        Owner = finding.Raised.Owner,
        Due = finding.Due,
        Overdue = finding.OverdueAt(now),
        Rule = finding.Raised.Rule,
        Evidence = finding.Raised.Evidence,
        RaisedBy = finding.RaisedBy,
        RaisedByName = finding.Raised.PersonName,
        RaisedAt = finding.RaisedAt,
        LedgerIndex = finding.Position,
        Notes = [.. finding.Notes.Select(n => new FindingNoteDetails(n.Made, n.Person, n.PersonName, n.Text, n.Evidence, n.Time, n.Position))],
    };

    public static WaiverDetails Details(GovernanceState state, WaiverState waiver, DateTimeOffset now)
    {
        var request = waiver.Request;
        var missing = WaiverApprovals.Missing(request.Level, waiver.Approvals.Select(a => a.Role));
        return new WaiverDetails
        {
            Id = waiver.Id,
            ModelId = request.ModelId,
            Version = request.Version,
            Rule = request.Rule,
            Target = request.Target,
            Status = state.StatusOf(waiver, now),
            Reason = request.Reason,
            Risk = request.Risk,
            Control = request.Control,
            Exit = request.Exit,
            Expires = request.Expires,
            Level = request.Level,
            Emergency = request.Emergency,
            RenewalOf = request.RenewalOf,
            RequestedBy = waiver.RequestedBy,
            RequestedByName = request.PersonName,
            RequestedAt = waiver.RequestedAt,
            LedgerIndex = waiver.Position,
            Approvals = [.. waiver.Approvals.Select(a => new WaiverApprovalDetails(a.Person, a.PersonName, a.Role, a.Line, a.Comment, a.Time, a.Position))],
            Needs = missing.Count > 0 ? WaiverApprovals.InWords(missing) : null,
            ReviewDue = waiver.ReviewDue,
            Reviewed = Ending(waiver.Reviewed),
            Ended = Ending(waiver.Denied ?? waiver.Revoked),
        };
    }

    private static WaiverEndingDetails? Ending(WaiverEnding? ending) =>
        ending is null ? null : new WaiverEndingDetails(ending.Person, ending.PersonName, ending.Reason, ending.Time, ending.Position);
}
