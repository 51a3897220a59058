using System.Runtime.CompilerServices;
using Governance.Core;
using Governance.Core.Identity;
using Governance.Core.Serving;
using Governance.Ledger;
using Governance.Serving.Protocol;
using Governance.Serving.Reviews;
using Governance.Serving.Routing;

namespace Governance.Serving.Recording;

/// <summary>
/// Puts answers, refusals and failures into the inference log. In audit mode <c>sync-durable</c> an answer is recorded when the group commit has reached
/// the disk. In <c>async-bounded</c> it is handed to the same writer and given at once, within the bound; beyond it, and where a person has to look, it
/// waits as well. Thread-safe.
/// </summary>
public sealed class InferenceRecorder(LedgerLog log, PayloadStore payloads, ReviewBook reviews, TakeBound bound, TimeProvider time)
{
    private readonly AnswerSealer sealer = new(payloads);

    /// <summary>Entries that were answered in mode <c>async-bounded</c> and that the log then did not keep. Above 0 an operator must look.</summary>
    public long Lost => log.Lost;

    /// <summary>Records every row of an answer: all of them or none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RecordingOutcome> RecordAsync(ScoredCall answer, CancellationToken cancellationToken)
    {
        try
        {
            if (log.Failure is not null)
            {
                return RecordingOutcome.Not(AppendStatus.Unavailable);
            }

            var (now, opening) = (time.GetUtcNow(), log.Opening);
            var entries = sealer.Seal(answer, now);
            var leaves = new MerkleHash[entries.Length];
            if (answer.Route.Settings.Audit == AuditMode.AsyncBounded && answer.Reviews is null)
            {
                // Who asks again with the same id has to know whether the answer was kept.
                var fate = answer.Call.Id is null ? null : new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
                switch (log.Take(entries, leaves, opening, bound, fate))
                {
                    case AppendStatus.Taken:
                        return new RecordingOutcome(AppendStatus.Committed, -1, leaves) { Recording = fate?.Task };
                    case AppendStatus.Busy:
                        break;
                    case var refused:
                        return RecordingOutcome.Not(refused);
                }
            }

            var result = await log.AppendAsync(entries, leaves, opening, cancellationToken);
            if (!result.IsCommitted)
            {
                return RecordingOutcome.Not(result.Status);
            }

            Open(answer, result.FirstIndex, now);
            return new RecordingOutcome(AppendStatus.Committed, result.FirstIndex, leaves);
        }
        catch (Exception e) when (e is IOException or LedgerException or UnauthorizedAccessException)
        {
            return RecordingOutcome.Not(AppendStatus.Unavailable);
        }
    }

    /// <summary>Records that policy refused a request.</summary>
    public ValueTask<RecordingOutcome> RecordAsync(
        RequestRefusal refusal, InferenceCall call, RouteOutcome.Serves route, Caller client, CancellationToken cancellationToken) =>
        AppendAsync(
            new RefusalEntry
            {
                Time = Second(time.GetUtcNow()),
                Route = route.Route.Name,
                Version = route.Version.Number,
                Client = client.Subject,
                Promotion = route.Route.Decision,
                Rule = refusal.Rule,
                Policy = refusal.Policy,
                Rows = call.Rows,
            },
            cancellationToken);

    /// <summary>Records that there was no answer to a request.</summary>
    /// <param name="code">The problem code the caller sees.</param>
    public ValueTask<RecordingOutcome> RecordFailureAsync(
        string code, InferenceCall call, RouteOutcome.Serves route, Caller client, CancellationToken cancellationToken) =>
        AppendAsync(
            new FailureEntry
            {
                Time = Second(time.GetUtcNow()),
                Route = route.Route.Name,
                Version = route.Version.Number,
                Client = client.Subject,
                Promotion = route.Route.Decision,
                Code = code,
                Rows = call.Rows,
            },
            cancellationToken);

    private static DateTimeOffset Second(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private async ValueTask<RecordingOutcome> AppendAsync<TEntry>(TEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            var result = await log.AppendAsync(GovernanceJson.Serialize(entry), cancellationToken);
            return result.IsCommitted ? new RecordingOutcome(AppendStatus.Committed, result.FirstIndex, []) : RecordingOutcome.Not(result.Status);
        }
        catch (Exception e) when (e is IOException or LedgerException or UnauthorizedAccessException)
        {
            return RecordingOutcome.Not(AppendStatus.Unavailable);
        }
    }

    private void Open(in ScoredCall answer, long first, DateTimeOffset now)
    {
        for (var row = 0; row < (answer.Reviews?.Count ?? 0); row++)
        {
            if (answer.Reviews![row])
            {
                reviews.Open(new ReviewState(
                    first + row, answer.Route.Route.Name, answer.Route.Version.Number, answer.Client.Subject, answer.Route.Settings.Review!.Withhold, Second(now)));
            }
        }
    }
}

/// <summary>What became of a recording.</summary>
/// <param name="FirstIndex">Index of the first entry in the inference log; -1 unless it is durable.</param>
/// <param name="Leaves">RFC 6962 leaf hash of each row's entry: the receipt.</param>
public readonly record struct RecordingOutcome(AppendStatus Status, long FirstIndex, IReadOnlyList<MerkleHash> Leaves)
{
    public bool IsRecorded => Status == AppendStatus.Committed;

    /// <summary>The index once the entries are durable, -1 if they never are; null when they are already, and for a request without an id.</summary>
    public Task<long>? Recording { get; init; }

    internal static RecordingOutcome Not(AppendStatus status) => new(status, -1, []);
}
