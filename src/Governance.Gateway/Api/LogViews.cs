using Governance.Client.Contracts;
using Governance.Gateway.Hosting;
using Governance.Gateway.Policy;

namespace Governance.Gateway.Api;

/// <summary>Logs and their verification as the API and the portal show them.</summary>
internal static class LogViews
{
    public static LogDetails Details(NamedLog log)
    {
        var note = log.Log.PublishCheckpoint();
        var checkpoint = Ledger.Checkpoint.Parse(note.Text)!;
        return new LogDetails(log.Name, checkpoint.Origin, checkpoint.Size, checkpoint.Root.ToString(), null, note.ToString());
    }

    public static VerificationDetails Verification(NamedLog log, LogAudit audit, TimeSpan took) =>
        new(log.Name, audit.Findings.Count == 0, audit.Size, audit.Root, audit.Findings, took.TotalMilliseconds);
}
