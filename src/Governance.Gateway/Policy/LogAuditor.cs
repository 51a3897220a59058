using Governance.Core.Gates;
using Governance.Gateway.Hosting;
using Governance.Ledger;
using Governance.Storage.Database;

namespace Governance.Gateway.Policy;

/// <param name="Findings">For people; empty when everything verifies.</param>
public sealed record LogAudit(long Size, string Root, IReadOnlyList<string> Findings);

/// <summary>Verifies a log from its first entry against a signed checkpoint, beside the writer; a shared one row by row too. Thread-safe.</summary>
/// <param name="shared">The database that the governance log is a copy of; null where the log is files.</param>
public sealed class LogAuditor(GovernanceLogs logs, DatabaseEventStore? shared = null)
{
    public async Task<AuditStatus> VerifyGovernanceAsync(CancellationToken cancellationToken)
    {
        var audit = await VerifyAsync(logs.Governance, cancellationToken);
        return new AuditStatus(audit.Findings.Count == 0, audit.Size, logs.Governance.Log.Size);
    }

    /// <summary>Rebuilds the log from its files up to a checkpoint signed now, and compares it with everything stored and signed.</summary>
    /// <exception cref="LedgerUnavailableException">The database of a shared log does not answer.</exception>
    public async Task<LogAudit> VerifyAsync(NamedLog log, CancellationToken cancellationToken)
    {
        var rows = shared is not null && log.Name == GovernanceLogs.GovernanceName ? await shared.CompareAsync(cancellationToken) : [];
        var audit = await VerifyFilesAsync(log, cancellationToken);
        return audit with { Findings = [.. audit.Findings, .. rows] };
    }

    private static Task<LogAudit> VerifyFilesAsync(NamedLog log, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            // What can be verified is what a checkpoint covers: sign one over everything first.
            log.Log.PublishCheckpoint();
            var report = LedgerVerifier.Fsck(log.Folder, new VerificationRequest { OnlySigned = true }, cancellationToken);
            return new LogAudit(report.Checkpoint?.Size ?? 0, report.Checkpoint?.Root.ToString() ?? "", [.. report.Findings.Select(f => f.ToString())]);
        },
        cancellationToken);
}
