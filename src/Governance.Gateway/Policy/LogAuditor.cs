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

    /// <summary>Hashes every entry that the newest checkpoint covers and compares the root with the signed one.</summary>
    public Task<LogAudit> VerifyAsync(NamedLog log, CancellationToken cancellationToken) => Task.Run(
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
