using System.Globalization;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Gateway.Portal;

namespace Governance.Gateway.PortalHost;

/// <summary>Events of a version in words.</summary>
internal static class VersionHistory
{
    /// <returns>Null when the event is not about this version.</returns>
    public static HistoryEntry? Describe(RecordedEvent recorded, int version)
    {
        (string Title, string? Detail, Tone Tone)? words = recorded.Event switch
        {
            VersionSubmitted e when e.Version.Number == version => ("Submitted", e.Version.Description, Tone.Neutral),
            CheckRunStarted { Options.Reproduces: not null } e when e.Version == version => ($"{e.Checks[0]} is computed again, to compare", e.Options?.Engine, Tone.Info),
            EvidenceReproduced e when e.Version == version => (e.Same ? $"Reproduced: {e.Check}" : $"Not reproduced: {e.Check}", $"On {e.Engine}, {e.Platform}", e.Same ? Tone.Good : Tone.Bad),
            DeadlineReminded e when e.Version == version => (string.Create(CultureInfo.InvariantCulture, $"Reminder: {e.Kind.Replace('-', ' ')}, {e.Due:yyyy-MM-dd}"), e.About, Tone.Caution),
            CheckRunStarted e when e.Version == version => ($"{e.Checks.Count} checks started", $"Seed {e.Seed}", Tone.Info),
            EvidenceRecorded e when e.Version == version => ($"Evidence: {e.Check}", null, Tone.Neutral),
            CheckRunFinished e when e.Version == version => Finished(e),
            GateEvaluated e when e.Version == version => Gate("Gate promote", e.Decision.Status, e.Decision.WaitingFor, e.Decision.Rules.FirstOrDefault(r => r.Blocks)?.Message),
            GateDecided e when e.Version == version => Gate($"Gate {e.Gate}", e.Status, e.WaitingFor, e.Blocking.Count > 0 ? "Blocking: " + string.Join(", ", e.Blocking) : null),
            VersionSignedOff e when e.Version == version => SignOff(e),
            VersionPromoted e when e.Version == version => ("Promoted", $"Answers the route {e.Route}", Tone.Good),
            VersionPromoted e when e.Replaced == version => ($"Superseded by version {e.Version}", null, Tone.Neutral),
            CanaryStarted e when e.Version == version => ("Canary started", $"Answers {e.Percent} % of the subjects of {e.Route}", Tone.Good),
            CanaryMoved e when e.Version == version => ("Canary moved", $"Answers {e.Percent} % of the subjects", Tone.Info),
            CanaryStopped e when e.Version == version => ("Canary stopped", e.Reason, Tone.Caution),
            VersionSuspended e when e.Version == version => ("Suspended", e.Reason, Tone.Bad),
            FindingRaised e when e.Version == version => ($"Finding raised: {e.Title}", e.FindingId, e.Severity >= FindingSeverity.High ? Tone.Bad : Tone.Caution),
            WaiverRequested e when e.Version == version => ($"Waiver of {e.Rule} requested", e.WaiverId, Tone.Info),
            WaiverLapsed e when e.Version == version => ($"Waiver {e.WaiverId}: {e.Cause.ToString().ToLowerInvariant()}", null, e.Serving ? Tone.Bad : Tone.Caution),
            LiveAlertRaised e when e.Version == version => ("Alert: " + e.Monitor, e.Message, Tone.Bad),
            LiveAlertCleared e when e.Version == version => ("Alert over: " + e.Monitor, e.About.Length > 0 ? e.About : null, Tone.Good),
            _ => null,
        };
        return words is { } w ? new HistoryEntry(recorded.Time, w.Title, w.Detail, recorded.Actor, w.Tone, recorded.Position) : null;
    }

    private static (string, string?, Tone) Finished(CheckRunFinished e) => e.Expired is { } expired ? ("Run expired", expired, Tone.Caution)
        : e.Failed.Count > 0
        ? ($"Run ended: {e.Recorded} recorded, {e.Failed.Count} failed", e.Failed[0].Reason, Tone.Bad)
        : ($"Run ended: {e.Recorded} recorded", e.NotApplicable.Count > 0 ? $"{e.NotApplicable.Count} not applicable" : null, Tone.Good);

    private static (string, string?, Tone) Gate(string gate, GateStatus status, IReadOnlyList<string> waitingFor, string? blocking) => status switch
    {
        GateStatus.Allowed => ($"{gate}: allowed", null, Tone.Good),
        GateStatus.Waiting => ($"{gate}: waiting", "For " + string.Join(", ", waitingFor), Tone.Caution),
        _ => ($"{gate}: denied", blocking, Tone.Bad),
    };

    private static (string, string?, Tone) SignOff(VersionSignedOff e) => (
        e.Meaning switch
        {
            SignOffMeaning.Rejected => $"Rejected by {e.PersonName} ({e.Role})",
            SignOffMeaning.Attested => $"Attested by {e.PersonName} ({e.Role})",
            _ => $"Signed off by {e.PersonName} ({e.Role})",
        },
        e.Comment, e.Meaning == SignOffMeaning.Rejected ? Tone.Bad : Tone.Good);
}
