using Governance.Core;
using Governance.Core.Identity;
using Governance.Ledger;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Serving.Recording;

/// <summary>
/// Puts answers and refusals into the inference log, and says so only when the group commit has reached the disk (audit mode
/// <c>sync-durable</c>). Thread-safe.
/// </summary>
public sealed class InferenceRecorder(LedgerLog log, PayloadStore payloads, TimeProvider time)
{
    private readonly AnswerSealer sealer = new(payloads);

    /// <summary>Records every row of an answer: all of them or none.</summary>
    public async ValueTask<RecordingOutcome> RecordAsync(ScoredCall answer, CancellationToken cancellationToken)
    {
        try
        {
            var entries = sealer.Seal(answer, time.GetUtcNow());
            var result = await log.AppendAsync(entries, cancellationToken);
            return result.IsCommitted
                ? new RecordingOutcome(AppendStatus.Committed, result.FirstIndex, [.. entries.Select(e => MerkleTree.LeafHash(e.Span))])
                : RecordingOutcome.Not(result.Status);
        }
        catch (Exception e) when (e is IOException or LedgerException or UnauthorizedAccessException)
        {
            return RecordingOutcome.Not(AppendStatus.Unavailable);
        }
    }

    /// <summary>Records that policy refused a request.</summary>
    public async ValueTask<RecordingOutcome> RecordAsync(
        RequestRefusal refusal, InferenceCall call, RouteOutcome.Serves route, Caller client, CancellationToken cancellationToken)
    {
        var entry = new RefusalEntry
        {
            Time = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()),
            Route = route.Route.Name,
            Version = route.Version.Number,
            Client = client.Subject,
            Promotion = route.Route.Decision,
            Rule = refusal.Rule,
            Policy = refusal.Policy,
            Rows = call.Rows,
        };
        try
        {
            var result = await log.AppendAsync([GovernanceJson.Serialize(entry)], cancellationToken);
            return result.IsCommitted ? new RecordingOutcome(AppendStatus.Committed, result.FirstIndex, []) : RecordingOutcome.Not(result.Status);
        }
        catch (Exception e) when (e is IOException or LedgerException or UnauthorizedAccessException)
        {
            return RecordingOutcome.Not(AppendStatus.Unavailable);
        }
    }
}

/// <summary>What became of a recording.</summary>
/// <param name="FirstIndex">Index of the first entry in the inference log; -1 unless committed.</param>
/// <param name="Leaves">RFC 6962 leaf hash of each row's entry: the receipt.</param>
public readonly record struct RecordingOutcome(AppendStatus Status, long FirstIndex, IReadOnlyList<MerkleHash> Leaves)
{
    public bool IsRecorded => Status == AppendStatus.Committed;

    internal static RecordingOutcome Not(AppendStatus status) => new(status, -1, []);
}
