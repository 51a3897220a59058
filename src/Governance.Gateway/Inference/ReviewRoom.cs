using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Governance.Gateway.Portal;
using Governance.Serving.Recording;
using Governance.Serving.Reviews;

namespace Governance.Gateway.Inference;

/// <summary>The review desk as the API and the portal show it. Thread-safe.</summary>
internal sealed class ReviewRoom(ReviewDesk desk, DecisionArchive archive, TimeProvider time) : IPortalReviews
{
    private static readonly Role[] Readers = [Role.Reviewer, Role.Owner, Role.Validator, Role.Compliance, Role.Dpo, Role.Auditor];

    public static string Word(ReviewAct act) => act.ToString().ToLowerInvariant();

    public bool MaySee(Caller caller) => Readers.Any(caller.Is);

    public ValueTask<Page<ReviewDetails>> ListAsync(string? pageToken, CancellationToken cancellationToken) => ValueTask.FromResult(List(null, Paging.Of(null, pageToken)));

    /// <param name="route">Of this route; null for all.</param>
    public Page<ReviewDetails> List(string? route, Paging paging)
    {
        var now = time.GetUtcNow();
        return paging.Take(
            desk.Book.All().Where(r => route is null || r.Route == route).Select(r => KeyValuePair.Create(OversightViews.Key(r.Decision), r)), r => Details(r, now));
    }

    public IReadOnlyList<ReviewFiguresDetails> Figures() =>
        [.. desk.Book.Figures().Select(f => new ReviewFiguresDetails(f.Route, f.Version, f.Open, f.Confirmed, f.Overridden, f.OverrideRate))];

    public async ValueTask<ReviewDetails?> FindAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        if (desk.Book.Find(id) is not { } review)
        {
            return desk.Book.EndOf(id) is { } at ? Ended(id, archive.Review(at)) : null;
        }

        var now = time.GetUtcNow();
        var details = Details(review, now);
        if (review.HolderAt(now) != caller.Subject || desk.MayReview(review, caller) is not null)
        {
            return details;
        }

        var (_, payload, _) = await desk.ReadAsync(id, archive.Entry(id)!, caller, Role.Reviewer, cancellationToken);
        return details with { Payload = payload is null ? null : DecisionEndpoints.Json(payload) };
    }

    public async ValueTask<Refusal?> ClaimAsync(Caller caller, long id, CancellationToken cancellationToken) => (await desk.ClaimAsync(id, caller, cancellationToken)).Refusal;

    public async ValueTask<Refusal?> ReleaseAsync(Caller caller, long id, CancellationToken cancellationToken) => (await desk.ReleaseAsync(id, caller, cancellationToken)).Refusal;

    public async ValueTask<Refusal?> DecideAsync(Caller caller, long id, string outcome, string reason, CancellationToken cancellationToken) => outcome switch
    {
        "confirmed" => (await desk.DecideAsync(id, ReviewAct.Confirmed, reason, caller, cancellationToken)).Refusal,
        "overridden" => (await desk.DecideAsync(id, ReviewAct.Overridden, reason, caller, cancellationToken)).Refusal,
        _ => Refusal.Invalid("unknown-outcome", "A review ends as confirmed or overridden."),
    };

    private ReviewDetails Ended(long id, ReviewEntry end) => Details(archive.Entry(id)!.ReviewAt(id), default) with { Status = Word(end.Act), Person = end.Person };

    private static ReviewDetails Details(ReviewState review, DateTimeOffset now) => new()
    {
        Id = review.Decision,
        Route = review.Route,
        Version = review.Version,
        Client = review.Client,
        Since = review.Since,
        Withheld = review.Withheld,
        Status = review.HolderAt(now) is null ? InferenceEntry.ReviewPending : Word(ReviewAct.Claimed),
        Person = review.HolderAt(now),
        Until = review.HolderAt(now) is null ? null : review.Until,
    };
}
