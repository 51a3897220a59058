using Governance.Client.Contracts;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Core.Oversight;

namespace Governance.Gateway.Portal;

/// <summary>The word and tone of every status the pages show.</summary>
internal static class Statuses
{
    public static (string Word, Tone Tone) Of(VersionStatus status) => status switch
    {
        VersionStatus.Submitted => ("Submitted", Tone.Info),
        VersionStatus.Rejected => ("Rejected", Tone.Bad),
        VersionStatus.Promoted => ("Champion", Tone.Good),
        VersionStatus.Canary => ("Canary", Tone.Good),
        VersionStatus.Superseded => ("Superseded", Tone.Neutral),
        _ => ("Suspended", Tone.Bad),
    };

    public static (string Word, Tone Tone) Of(GateStatus status) => status switch
    {
        GateStatus.Allowed => ("Allowed", Tone.Good),
        GateStatus.Waiting => ("Waiting", Tone.Caution),
        _ => ("Denied", Tone.Bad),
    };

    public static (string Word, Tone Tone) Of(RuleOutcome rule) => rule switch
    {
        { Status: RuleStatus.Pass } => ("Pass", Tone.Good),
        { Status: RuleStatus.Waived } => ("Waived", Tone.Caution),
        { Severity: RuleSeverity.Warn } => ("Warning", Tone.Caution),
        { Blocks: false } => ("Reviewed", Tone.Caution),
        { WaitingFor: not null } => ("Waiting", Tone.Caution),
        { Status: RuleStatus.Gap } => ("No evidence", Tone.Bad),
        _ => ("Blocks", Tone.Bad),
    };

    public static (string Word, Tone Tone) Of(ProposalStatus status) => status switch
    {
        ProposalStatus.Proposed => ("Waits for approval", Tone.Caution),
        ProposalStatus.Scheduled => ("Scheduled", Tone.Info),
        ProposalStatus.InForce => ("In force", Tone.Good),
        ProposalStatus.Withdrawn => ("Withdrawn", Tone.Neutral),
        _ => ("Superseded", Tone.Neutral),
    };

    /// <param name="severity">As the API writes it.</param>
    public static (string Word, Tone Tone) OfSeverity(string severity) => severity switch
    {
        "deny" => ("Blocks", Tone.Bad),
        "review" => ("Review", Tone.Caution),
        _ => ("Warns", Tone.Neutral),
    };

    public static (string Word, Tone Tone) Of(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Critical => ("Critical", Tone.Bad),
        FindingSeverity.High => ("High", Tone.Bad),
        FindingSeverity.Medium => ("Medium", Tone.Caution),
        _ => ("Low", Tone.Neutral),
    };

    public static (string Word, Tone Tone) Of(FindingDetails finding) => finding switch
    {
        { Status: FindingStatus.Closed } => ("Closed", Tone.Good),
        { Overdue: true } => ("Overdue", Tone.Bad),
        { Status: FindingStatus.Answered } => ("Answered", Tone.Info),
        _ => ("Open", Tone.Caution),
    };

    public static (string Word, Tone Tone) Of(WaiverStatus status) => status switch
    {
        WaiverStatus.Requested => ("Waits for approval", Tone.Info),
        WaiverStatus.Active => ("In force", Tone.Caution),
        WaiverStatus.Denied => ("Denied", Tone.Neutral),
        WaiverStatus.Revoked => ("Taken back", Tone.Neutral),
        WaiverStatus.Expired => ("Expired", Tone.Bad),
        WaiverStatus.Unreviewed => ("Not reviewed", Tone.Bad),
        _ => ("Void", Tone.Neutral),
    };

    public static (string Word, Tone Tone) Of(AlertKind kind) => kind switch
    {
        AlertKind.WaiverLapsed => ("Waiver lapsed", Tone.Bad),
        AlertKind.ReviewDue => ("Review due", Tone.Caution),
        AlertKind.WaiverEnding => ("Waiver ends soon", Tone.Caution),
        AlertKind.FindingOverdue => ("Overdue", Tone.Bad),
        AlertKind.LiveMonitor => ("Live traffic", Tone.Bad),
        _ => ("Critical finding", Tone.Bad),
    };

    public static (string Word, Tone Tone) Of(RunStatus status) => status switch
    {
        RunStatus.Succeeded => ("Succeeded", Tone.Good),
        RunStatus.Failed => ("Failed", Tone.Bad),
        RunStatus.Interrupted => ("Interrupted", Tone.Caution),
        RunStatus.Cancelled => ("Cancelled", Tone.Caution),
        RunStatus.Expired => ("Expired", Tone.Caution),
        RunStatus.Running => ("Running", Tone.Info),
        _ => ("Queued", Tone.Neutral),
    };

    public static (string Word, Tone Tone) Of(ReviewDetails review) => review.Status switch
    {
        "claimed" => ("Claimed", Tone.Info),
        "confirmed" => ("Confirmed", Tone.Good),
        "overridden" => ("Overridden", Tone.Caution),
        "erased" => ("Erased", Tone.Neutral),
        _ => ("Pending", Tone.Caution),
    };

    public static (string Word, Tone Tone) Of(SignOffMeaning meaning) => meaning switch
    {
        SignOffMeaning.Approved => ("Approved", Tone.Good),
        SignOffMeaning.Attested => ("Attested", Tone.Good),
        _ => ("Rejected", Tone.Bad),
    };

    public static (string Word, Tone Tone) Of(ScheduleDetails schedule) => schedule switch
    {
        { Paused: not null } => ("Paused", Tone.Caution),
        { Outcome: "failed" } => ("Failed", Tone.Bad),
        { Outcome: "done" } => ("Done", Tone.Good),
        _ => ("Not run yet", Tone.Neutral),
    };
}
