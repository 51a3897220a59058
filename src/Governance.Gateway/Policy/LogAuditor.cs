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

    /// <summary>Hashes every entry that the newest checkpoint covers and compares the root with the signed one.</summary>
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
            var checkpoint = Checkpoint.Parse(log.Log.PublishCheckpoint().Text)!;
            var frontier = new MerkleFrontier();
            try
            {
                foreach (var entry in log.Log.Reader.ReadFrom(0, checkpoint.Size))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    frontier.Append(MerkleTree.LeafHash(entry.Bytes.Span));
                }
            }
            catch (LedgerException e)
            {
                return new LogAudit(checkpoint.Size, checkpoint.Root.ToString(), [e.Message]);
            }

            return new LogAudit(checkpoint.Size, checkpoint.Root.ToString(), frontier.Root() == checkpoint.Root
                ? []
                : [$"The entries hash to {frontier.Root()}, not to the root of the signed checkpoint. Run: gov ledger fsck on a copy of the folder."]);
        },
        cancellationToken);
}
