using Governance.Core.Gates;
using Governance.Gateway.Hosting;
using Governance.Ledger;

namespace Governance.Gateway.Policy;

/// <param name="Findings">For people; empty when everything verifies.</param>
public sealed record LogAudit(long Size, string Root, IReadOnlyList<string> Findings);

/// <summary>Verifies a log from its first entry against a signed checkpoint, beside the writer. Thread-safe.</summary>
public sealed class LogAuditor(GovernanceLogs logs)
{
    public async Task<AuditStatus> VerifyGovernanceAsync(CancellationToken cancellationToken)
    {
        var audit = await VerifyAsync(logs.Governance, cancellationToken);
        return new AuditStatus(audit.Findings.Count == 0, audit.Size, logs.Governance.Log.Size);
    }

    /// <summary>Rebuilds the log from its files up to a checkpoint signed now, and compares it with everything stored and signed.</summary>
    public Task<LogAudit> VerifyAsync(NamedLog log, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            // What can be verified is what a checkpoint covers: sign one over everything first.
            log.Log.PublishCheckpoint();
            var report = LedgerVerifier.Fsck(log.Folder, new VerificationRequest { OnlySigned = true }, cancellationToken);
            return new LogAudit(report.Checkpoint?.Size ?? 0, report.Checkpoint?.Root.ToString() ?? "", [.. report.Findings.Select(f => f.ToString())]);
        },
        cancellationToken);
}
