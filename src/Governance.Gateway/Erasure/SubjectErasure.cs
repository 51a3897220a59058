using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.State;
using Governance.Data;
using Governance.Gateway.Intake;
using Governance.Gateway.Policy;
using Governance.Ledger;
using Governance.Serving.Recording;
using Governance.Serving.Reviews;

namespace Governance.Gateway.Erasure;

/// <summary>
/// Carries out erasures: records what will be destroyed, destroys it, records that it is gone. Who the subject is lies only in a payload
/// sealed under the subject's own key, so it dies with the rest. A crash in between is finished by asking again.
/// </summary>
public sealed class SubjectErasure(PayloadStore payloads, Governor governor, PolicyInForce policy, DatasetReader datasets, ReviewDesk reviews, DecisionArchive archive)
{
    /// <summary>Somebody else finished the same erasure in between: it is done.</summary>
    private const string AlreadyExecuted = "erasure-executed";

    /// <summary>Seals who the subject is, durably, and returns the reference the request records.</summary>
    public string Remember(string requestId, string subject)
    {
        var key = Subjects.Key(subject);
        return payloads.SealDurably(key, key, AssociatedData(requestId)).KeyRef.ToString();
    }

    /// <summary>Executes, or finishes what was interrupted. Asked again after it is done, it does nothing: an erasure happens once, whatever key the request carries.</summary>
    /// <returns>Null when done; else why not.</returns>
    public async Task<Refusal?> ExecuteAsync(ErasureState request, CancellationToken cancellationToken)
    {
        if (request.Executed is not null)
        {
            return null;
        }

        var opened = KeyRef.TryParse(request.Request.Sealed, out var keyRef)
            ? payloads.Open(keyRef, AssociatedData(request.Id))
            : default;
        if (opened.State == PayloadState.Erased && request.Started is { } interrupted)
        {
            // The keys were destroyed, and the gateway stopped before it could say so.
            return await RecordAsync(new RecordErasure(request.Id, interrupted.Records, interrupted.DestroyedRoot, payloads.KeyEpoch));
        }

        if (opened.State != PayloadState.Opened)
        {
            return Refusal.Conflict("subject-unreadable", "The sealed subject of this request cannot be opened; record a new request.");
        }

        var found = payloads.Find(opened.Plaintext).Select(f => f.KeyRef).ToList();
        IReadOnlyList<DatasetHolding> holdings;
        try
        {
            holdings = await HoldingsAsync(System.Text.Encoding.UTF8.GetString(opened.Plaintext), cancellationToken);
        }
        catch (DatasetUnreadableException e)
        {
            return Refusal.Conflict("dataset-unreadable", $"{e.Message} Nothing was destroyed: the subject's rows could not be counted.");
        }

        var started = request.Started is not null
            ? null
            : await RecordAsync(new StartErasure(request.Id, found.Count, DestroyedKeys.Root(found), holdings, Recipients(found, cancellationToken)));
        if (started is not null)
        {
            return started;
        }

        var outcome = payloads.Erase(opened.Plaintext);
        if (outcome.Status == Ledger.ErasureStatus.Held)
        {
            return Refusal.Conflict("erasure-held", $"A hold forbids this erasure: {string.Join(", ", outcome.Holds)}. Nothing was destroyed.");
        }

        return await EndReviewsAsync() ?? await RecordAsync(new RecordErasure(request.Id, outcome.Count, outcome.Root.ToString(), outcome.KeyEpoch));
    }

    /// <summary>A decision about nobody any more waits for nobody.</summary>
    private async Task<Refusal?> EndReviewsAsync()
    {
        try
        {
            await reviews.EndErasedAsync(CancellationToken.None);
            return null;
        }
        catch (LedgerException)
        {
            return new Refusal(RefusalKind.Unavailable, "ledger-unavailable", "The keys are destroyed; that could not be recorded. Ask again when the inference log takes entries.");
        }
    }

    private static byte[] AssociatedData(string requestId) => System.Text.Encoding.UTF8.GetBytes("erasure/" + requestId);

    private async Task<Refusal?> RecordAsync(Command command) =>
        await governor.ExecuteAsync(command, SystemCaller.Instance, policy.Gate, request: null, CancellationToken.None) is CommandOutcome.Refused { Refusal.Code: not AlreadyExecuted } refused
            ? refused.Refusal
            : null;

    /// <summary>Who was sent copies of the subject's answers: they cannot be erased there from here.</summary>
    private List<RecipientHolding>? Recipients(IEnumerable<KeyRef> sections, CancellationToken cancellationToken)
    {
        if (governor.State.Sinks.IsEmpty)
        {
            return null;
        }

        var counts = archive.Exported(sections.Select(s => s.ToString()).ToHashSet(StringComparer.Ordinal), cancellationToken);
        List<RecipientHolding> recipients = [.. counts.Where(c => c.Value > 0).Select(c => new RecipientHolding(c.Key, c.Value))];
        return recipients.Count == 0 ? null : recipients;
    }

    /// <summary>Counts the subject's rows in every registered dataset that names its subjects.</summary>
    private async Task<IReadOnlyList<DatasetHolding>> HoldingsAsync(string subject, CancellationToken cancellationToken)
    {
        var holdings = new List<DatasetHolding>();
        foreach (var dataset in governor.State.Datasets.Values.Where(d => d.SubjectId is not null))
        {
            var table = await datasets.ReadAsync(dataset, cancellationToken);
            var rows = ((TextColumn)table[dataset.SubjectId!]).Values.Count(v => v == subject);
            if (rows > 0)
            {
                holdings.Add(new DatasetHolding(dataset.Id, rows));
            }
        }

        return holdings;
    }
}
