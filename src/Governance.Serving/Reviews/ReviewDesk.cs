using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Ledger;
using Governance.Serving.Recording;

namespace Governance.Serving.Reviews;

/// <summary>
/// Where people review decisions (GDPR 22(3), AI Act 14): one person at a time has a decision, sees what it rests on, and confirms or overrides it with a
/// reason. Never who owns or builds the model. Every act is an entry in the inference log before it counts. Thread-safe.
/// </summary>
public sealed class ReviewDesk(ReviewBook book, DecisionArchive archive, LedgerLog log, PayloadStore payloads, Governor governor, ReviewOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim one = new(1, 1);

    public ReviewBook Book => book;

    /// <summary>Takes a decision for a while; taken again by the same person, for longer.</summary>
    /// <returns>The review as it is then, or why not.</returns>
    public Task<(ReviewState? Review, Refusal? Refusal)> ClaimAsync(long decision, Caller caller, CancellationToken cancellationToken) =>
        ActAsync(decision, caller, review => review.HolderAt(time.GetUtcNow()) is { } holder && holder != caller.Subject
            ? (null, Refusal.Conflict("review-claimed", "Somebody else has this review. It is free again when they give it back or their time is up."))
            : (Entry(review, ReviewAct.Claimed, caller.Subject) with { Until = Second(time.GetUtcNow() + options.ClaimFor) }, null), cancellationToken);

    /// <summary>Gives a claimed decision back.</summary>
    public Task<(ReviewState? Review, Refusal? Refusal)> ReleaseAsync(long decision, Caller caller, CancellationToken cancellationToken) =>
        ActAsync(decision, caller, review => (Held(review, caller) is { } refusal ? null : Entry(review, ReviewAct.Released, caller.Subject), Held(review, caller)), cancellationToken);

    /// <summary>Confirms or overrides the decision: by who claimed it, with a reason. The outcome is sealed under the keys of the people it is about.</summary>
    /// <param name="act"><see cref="ReviewAct.Confirmed"/> or <see cref="ReviewAct.Overridden"/>.</param>
    public Task<(ReviewState? Review, Refusal? Refusal)> DecideAsync(long decision, ReviewAct act, string reason, Caller caller, CancellationToken cancellationToken) =>
        ActAsync(decision, caller, review =>
        {
            if (act is not (ReviewAct.Confirmed or ReviewAct.Overridden))
            {
                return (null, Refusal.Invalid("unknown-outcome", "A review ends as confirmed or overridden."));
            }

            if (!Text.IsProse(reason, 4000))
            {
                return (null, Refusal.Invalid("reason-required", "An outcome needs a reason of 1 to 4000 characters: what you looked at, and why you decide so."));
            }

            return Held(review, caller) is { } refusal ? (null, refusal) : Outcome(review, act, reason, caller);
        }, cancellationToken);

    /// <summary>Who has the review of a decision now; null when nobody does.</summary>
    public string? Holder(long decision) => book.Find(decision)?.HolderAt(time.GetUtcNow());

    /// <summary>What a person decided and why; null when nobody did yet, or it was erased.</summary>
    public ReviewPayload? Outcome(long decision) => book.EndOf(decision) is { } index ? archive.Outcome(archive.Review(index)) : null;

    /// <summary>Why this caller may not review this decision; null when they may.</summary>
    public Refusal? MayReview(ReviewState review, Caller caller)
    {
        if (!caller.IsPerson || !caller.Is(Role.Reviewer))
        {
            return Refusal.Forbidden("role-required", "Decisions are reviewed by people with the role reviewer.");
        }

        return governor.State.Model(review.Route)?.Registration is { } model && (model.Owner == caller.Subject || model.Developers.Contains(caller.Subject, StringComparer.Ordinal))
            ? Refusal.Forbidden("not-independent", "Who owns or builds a model does not review its decisions.")
            : null;
    }

    /// <summary>The payload of a decision, with a record of who read it made first: no record, no reading.</summary>
    /// <param name="role">The role by which the caller may.</param>
    /// <exception cref="LedgerException">The reading cannot be recorded.</exception>
    public async Task<(PayloadState State, InferencePayload? Payload, bool Partly)> ReadAsync(
        long decision, InferenceEntry entry, Caller caller, Role role, CancellationToken cancellationToken)
    {
        var read = new PayloadReadEntry { Time = Second(time.GetUtcNow()), Decision = decision, Person = caller.Subject, Role = role.Name() };
        await AppendAsync(GovernanceJson.Serialize(read), log.Opening, cancellationToken);
        return archive.Payload(entry);
    }

    /// <summary>Ends the reviews of decisions whose people were all erased: there is nothing left to look at.</summary>
    /// <exception cref="LedgerException">It cannot be recorded; the next call does it.</exception>
    public async Task EndErasedAsync(CancellationToken cancellationToken)
    {
        foreach (var review in book.All())
        {
            if (archive.Entry(review.Decision) is { } entry && archive.Payload(entry).State is PayloadState.Erased or PayloadState.Expired)
            {
                await one.WaitAsync(cancellationToken);
                try
                {
                    await RecordAsync(Entry(review, ReviewAct.Erased, SystemCaller.Instance.Subject), log.Opening, cancellationToken);
                }
                finally
                {
                    one.Release();
                }
            }
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<(ReviewState? Review, Refusal? Refusal)> ActAsync(
        long decision, Caller caller, Func<ReviewState, (ReviewEntry? Entry, Refusal? Refusal)> act, CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            if (book.Find(decision) is not { } review)
            {
                return (null, book.EndOf(decision) is null
                    ? Refusal.NotFound("review-unknown", "No review waits under this number. List them with GET /api/v1/reviews.")
                    : Refusal.Conflict("review-ended", "This review has ended already."));
            }

            var opening = log.Opening;
            var (entry, refusal) = MayReview(review, caller) is { } forbidden ? (null, forbidden) : act(review);
            if (entry is null)
            {
                return (null, refusal);
            }

            await RecordAsync(entry, opening, cancellationToken);
            return (book.Find(decision) ?? review, null);
        }
        catch (Exception e) when (e is LedgerException or IOException or UnauthorizedAccessException)
        {
            return (null, new Refusal(RefusalKind.Unavailable, "ledger-unavailable", "The review could not be recorded, so nothing was done. Try again shortly; if it lasts, an operator must look at the inference log."));
        }
        finally
        {
            one.Release();
        }
    }

    private Refusal? Held(ReviewState review, Caller caller) => review.HolderAt(time.GetUtcNow()) == caller.Subject
        ? null
        : Refusal.Conflict("review-not-claimed", "Claim the review first: who decides has it, so that no two people decide the same.");

    private (ReviewEntry? Entry, Refusal? Refusal) Outcome(ReviewState review, ReviewAct act, string reason, Caller caller)
    {
        var decided = archive.Entry(review.Decision)!;
        var people = decided.Sections.Select((s, i) => s.Open(payloads, decided.AssociatedData(i, decided.Sections.Count)))
            .Where(o => o.State == PayloadState.Opened).Select(o => GovernanceJson.Deserialize<InferencePayload>(o.Plaintext)).ToList();
        if (people.Count == 0)
        {
            return (null, Refusal.Conflict("payload-unreadable", "What the decision rests on can no longer be read: it was erased or damaged."));
        }

        var original = people[0].Decision;
        var holds = act == ReviewAct.Confirmed ? original : original == Decisions.Adverse ? Decisions.Favourable : Decisions.Adverse;
        var entry = Entry(review, act, caller.Subject);
        return (entry with
        {
            Sections = [.. people.Select((p, i) => SealedSection.Of(
                payloads, p.Subject, GovernanceJson.Serialize(new ReviewPayload(p.Subject, original, holds, reason)), entry.AssociatedData(i)))],
        }, null);
    }

    private ReviewEntry Entry(ReviewState review, ReviewAct act, string person) => new()
    {
        Time = Second(time.GetUtcNow()), Route = review.Route, Version = review.Version, Decision = review.Decision, Act = act, Person = person,
    };

    /// <param name="opening">Of the log, before anything was sealed for the entry.</param>
    private async Task RecordAsync(ReviewEntry entry, int opening, CancellationToken cancellationToken) =>
        book.Apply(await AppendAsync(GovernanceJson.Serialize(entry), opening, cancellationToken), entry);

    private async Task<long> AppendAsync(byte[] entry, int opening, CancellationToken cancellationToken)
    {
        var result = await log.AppendAsync(entry, opening, cancellationToken);
        return result.IsCommitted ? result.FirstIndex : throw new LedgerUnavailableException(result.Reason ?? "The inference log takes no entry now.");
    }

    private static DateTimeOffset Second(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}

/// <summary>Bounds of reviews. Immutable.</summary>
public sealed record ReviewOptions
{
    /// <summary>How long a claim lasts. Default 4 hours.</summary>
    public TimeSpan ClaimFor { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Most decisions that wait; beyond it, what needs a person is not answered. Default 100,000.</summary>
    public int MostOpen { get; init; } = 100_000;
}
