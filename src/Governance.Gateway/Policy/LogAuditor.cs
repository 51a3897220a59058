using Governance.Core.Gates;
using Governance.Gateway.Hosting;
using Governance.Ledger;

namespace Governance.Gateway.Policy;

/// <param name="Findings">For people; empty when everything verifies.</param>
public sealed record LogAudit(long Size, string Root, IReadOnlyList<string> Findings);

/// <summary>Verifies a log's files from the first entry, beside the writer. Thread-safe.</summary>
public sealed class LogAuditor(GovernanceLogs logs)
{
    public async Task<AuditStatus> VerifyGovernanceAsync(CancellationToken cancellationToken)
    {
        var audit = await VerifyAsync(logs.Governance, cancellationToken);
        return new AuditStatus(audit.Findings.Count == 0, audit.Size, logs.Governance.Log.Size);
    }

    public async Task<LogAudit> VerifyAsync(NamedLog log, CancellationToken cancellationToken)
    {
        // What is verified is what a checkpoint covers: sign one over everything first.
        log.Log.PublishCheckpoint();
        throw new NotImplementedException();
    }
}
