using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.State;

namespace Governance.Core.Decisions;

/// <summary>
/// The one path that changes anything: authorise and decide, append with the expected version, fold. Everything that writes (API, command
/// line, portal, schedules) comes through <see cref="ExecuteAsync"/>. Thread-safe; readers take <see cref="State"/> without locks.
/// </summary>
/// <param name="documents">Where documents of decisions are kept; null for one whose commands leave none.</param>
public sealed class Governor(IEventStore store, TimeProvider time, IDocumentStore? documents = null) : IDisposable
{
    private const int Attempts = 10;
    private readonly SemaphoreSlim writing = new(1, 1);
    private volatile GovernanceState state = GovernanceState.Empty;

    /// <summary>What is true now. An immutable snapshot.</summary>
    public GovernanceState State => state;

    /// <summary>Folds what the store holds beyond the current state: at start, and when another node appended.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await FoldNewAsync(cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>What was true at an instant: the fold stopped before the first later event.</summary>
    public async Task<GovernanceState> AsOfAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        if (state.Time <= instant)
        {
            return state;
        }

        var past = GovernanceState.Empty;
        await foreach (var recorded in store.ReadAsync(0, cancellationToken))
        {
            if (recorded.Time > instant)
            {
                break;
            }

            past = past.Apply(recorded);
        }

        return past;
    }

    public async Task<CommandOutcome> ExecuteAsync(
        Command command, Caller caller, IGate gate, RequestKey? request, CancellationToken cancellationToken)
    {
        var key = request is null ? null : $"{caller.Subject}:{request.Key}";
        await writing.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (key is not null && state.Requests.TryGetValue(key, out var seen))
                {
                    return await ReplayAsync(seen, request!, cancellationToken);
                }

                var now = Now();
                var decision = command.Decide(new DecisionContext(state, caller, now, gate.InForce(state, now)) { Clock = time.GetUtcNow() });
                var events = Record(command, decision, caller, decision.Refusal is null ? key : null, request?.Digest);
                if (events.Count == 0)
                {
                    return Outcome(decision, events);
                }

                if (await KeepAsync(decision) is { } lost)
                {
                    return new CommandOutcome.Refused(lost);
                }

                // Once the append is under way it is not cancelled: the caller may leave, the fact may not be half-known.
                var condition = new AppendCondition(state.VersionOf(command.Stream), state.Position);
                var outcome = await store.AppendAsync(command.Stream, condition, events, CancellationToken.None);
                switch (outcome)
                {
                    case AppendOutcome.Appended appended:
                        return Outcome(decision, await FoldAsync(events, appended.First));
                    case AppendOutcome.Unavailable { Uncertain: true } uncertain:
                        return new CommandOutcome.Refused(new Refusal(RefusalKind.Unavailable, "outcome-unknown",
                            $"It is not known whether this was recorded: {uncertain.Reason} Ask again with the same idempotency key; nothing is recorded twice."));
                    case AppendOutcome.Unavailable unavailable:
                        return new CommandOutcome.Refused(new Refusal(RefusalKind.Unavailable, "ledger-unavailable",
                            $"Nothing was recorded: {unavailable.Reason} Try again later; an operator must look at the ledger."));
                    case AppendOutcome.TooLarge tooLarge:
                        return new CommandOutcome.Refused(Refusal.Invalid("record-too-large",
                            $"Nothing was recorded: the record of this would have more than {tooLarge.Bytes} bytes. Use shorter names and texts, or fewer columns."));
                    case AppendOutcome.Conflict when attempt < Attempts:
                        await FoldNewAsync(cancellationToken);
                        break;
                    default:
                        return new CommandOutcome.Refused(
                            Refusal.Conflict("concurrent-change", "Others kept changing the same thing. Look at it again and retry."));
                }
            }
        }
        finally
        {
            writing.Release();
        }
    }

    public void Dispose() => writing.Dispose();

    /// <summary>Documents are durable before an event names them; one that nothing names in the end does no harm.</summary>
    private async Task<Refusal?> KeepAsync(Decision decision)
    {
        try
        {
            foreach (var document in decision.Documents)
            {
                await (documents ?? throw new InvalidOperationException("This governor keeps no documents.")).KeepAsync(document, CancellationToken.None);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Refusal(RefusalKind.Unavailable, "storage-unavailable", "Nothing was recorded: the decision's documents could not be stored. Try again later; an operator must look at the storage.");
        }
    }

    private static CommandOutcome Outcome(Decision decision, IReadOnlyList<RecordedEvent> events) =>
        decision.Refusal is { } refusal ? new CommandOutcome.Refused(refusal) : new CommandOutcome.Accepted(events, Replayed: false);

    private async Task FoldNewAsync(CancellationToken cancellationToken)
    {
        var next = state;
        await foreach (var recorded in store.ReadAsync(next.Position, cancellationToken))
        {
            next = next.Apply(recorded);
        }

        state = next;
    }

    /// <summary>UTC now, never earlier than the last event: a clock that steps back must not reorder the record.</summary>
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return now < state.Time ? state.Time : now;
    }

    private List<RecordedEvent> Record(Command command, Decision decision, Caller caller, string? key, Digest? digest)
    {
        var version = state.VersionOf(command.Stream);
        var now = Now();
        return [.. decision.Events.Select((e, i) => new RecordedEvent
        {
            Stream = command.Stream,
            Version = version + i + 1,
            Time = now,
            Actor = caller.Subject,
            Request = key,
            RequestDigest = key is null ? null : digest,
            Event = e,
        })];
    }

    private async Task<IReadOnlyList<RecordedEvent>> FoldAsync(List<RecordedEvent> events, long first)
    {
        var placed = events.Select((e, i) => e with { Position = first + i }).ToList();
        if (first == state.Position)
        {
            state = placed.Aggregate(state, (s, e) => s.Apply(e));
        }
        else
        {
            // The store holds more than was folded: read it, and ours after it.
            await FoldNewAsync(CancellationToken.None);
        }

        return placed;
    }

    private async Task<CommandOutcome> ReplayAsync(RequestRecord seen, RequestKey request, CancellationToken cancellationToken)
    {
        if (seen.Digest != request.Digest)
        {
            return new CommandOutcome.Refused(Refusal.Conflict(
                "idempotency-key-reused", "This idempotency key came with another request before. Use a new key for a new request."));
        }

        var events = new List<RecordedEvent>(seen.Count);
        await foreach (var recorded in store.ReadAsync(seen.First, cancellationToken))
        {
            events.Add(recorded);
            if (events.Count == seen.Count)
            {
                break;
            }
        }

        return new CommandOutcome.Accepted(events, Replayed: true);
    }
}
