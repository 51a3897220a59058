using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Governance.Serving.Recording;
using Governance.Serving.Reviews;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/reviews</c>: decisions that wait for a person, and what people make of them.</summary>
internal static class ReviewEndpoints
{
    private static readonly Role[] Readers = [Role.Reviewer, Role.Owner, Role.Validator, Role.Compliance, Role.Dpo, Role.Auditor];

    public static void MapReviews(this RouteGroupBuilder api)
    {
        const string Review = "/reviews/{id:long}";
        api.MapGet("/reviews", List).WithName("ListReviews").WithSummary("Decisions that wait for a person, longest first").Produces<Page<ReviewDetails>>();
        api.MapGet("/review-figures", Figures).WithName("GetReviewFigures").WithSummary("How reviews went, by route and version").Produces<IReadOnlyList<ReviewFiguresDetails>>();
        api.MapGet(Review, GetAsync).WithName("GetReview").WithSummary("A review; with what the decision rests on for who has it").Produces<ReviewDetails>();
        api.MapPost(Review + "/claim", (long id, HttpContext http, ReviewDesk desk, DecisionArchive archive, TimeProvider time) =>
                AnswerAsync(http, desk, archive, time, desk.ClaimAsync(id, http.GetCaller(), http.RequestAborted)))
            .WithName("ClaimReview").WithSummary("Take a review for a while").Produces<ReviewDetails>();
        api.MapPost(Review + "/release", (long id, HttpContext http, ReviewDesk desk, DecisionArchive archive, TimeProvider time) =>
                AnswerAsync(http, desk, archive, time, desk.ReleaseAsync(id, http.GetCaller(), http.RequestAborted)))
            .WithName("ReleaseReview").WithSummary("Give a claimed review back").Produces<ReviewDetails>();
        api.MapPost(Review + "/outcome", DecideAsync).WithName("DecideReview").WithSummary("Confirm or override the decision").Produces<ReviewDetails>();
    }

    private static IResult List(string? route, int? pageSize, string? pageToken, HttpContext http, ReviewDesk desk, TimeProvider time)
    {
        if (Refuse(http) is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        return Answers.Ok(Paging.Of(pageSize, pageToken).Take(
            desk.Book.All().Where(r => route is null || r.Route == route).Select(r => KeyValuePair.Create(OversightViews.Key(r.Decision), r)), r => Details(r, now)));
    }

    private static IResult Figures(HttpContext http, ReviewDesk desk) => Refuse(http) ?? Answers.Ok(
        desk.Book.Figures().Select(f => new ReviewFiguresDetails(f.Route, f.Version, f.Open, f.Confirmed, f.Overridden, f.OverrideRate)).ToList());

    private static async Task<IResult> GetAsync(long id, HttpContext http, ReviewDesk desk, DecisionArchive archive, TimeProvider time) =>
        Refuse(http) is { } refusal ? refusal
        : desk.Book.Find(id) is { } review ? Answers.Ok(await DetailsAsync(review, http, desk, archive, time))
        : desk.Book.EndOf(id) is null ? Problems.Result(StatusCodes.Status404NotFound, "review-unknown", "No review waits under this number. List them with GET /api/v1/reviews.")
        : Answers.Ok(Ended(id, archive, desk));

    private static Task<IResult> DecideAsync(long id, DecideReviewRequest request, HttpContext http, ReviewDesk desk, DecisionArchive archive, TimeProvider time)
    {
        var act = request.Outcome switch
        {
            "confirmed" => ReviewAct.Confirmed,
            "overridden" => ReviewAct.Overridden,
            _ => ReviewAct.Claimed,
        };
        return AnswerAsync(http, desk, archive, time, desk.DecideAsync(id, act, request.Reason, http.GetCaller(), http.RequestAborted));
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext http, ReviewDesk desk, DecisionArchive archive, TimeProvider time, Task<(ReviewState? Review, Refusal? Refusal)> act) => await act switch
        {
            (_, { } refusal) => Problems.Result(refusal),
            ({ } review, _) => Answers.Ok(desk.Book.Find(review.Decision) is { } open ? await DetailsAsync(open, http, desk, archive, time) : Ended(review.Decision, archive, desk)),
            _ => throw new InvalidOperationException("Neither done nor refused."),
        };

    /// <summary>With the payload for who has the review: reading it is recorded first.</summary>
    private static async Task<ReviewDetails> DetailsAsync(ReviewState review, HttpContext http, ReviewDesk desk, DecisionArchive archive, TimeProvider time)
    {
        var (caller, now) = (http.GetCaller(), time.GetUtcNow());
        var details = Details(review, now);
        if (review.HolderAt(now) != caller.Subject || desk.MayReview(review, caller) is not null)
        {
            return details;
        }

        var (_, payload, _) = await desk.ReadAsync(review.Decision, archive.Entry(review.Decision)!, caller, Role.Reviewer, http.RequestAborted);
        return details with { Payload = payload is null ? null : DecisionEndpoints.Json(payload) };
    }

    private static ReviewDetails Ended(long id, DecisionArchive archive, ReviewDesk desk)
    {
        var (entry, end) = (archive.Entry(id)!, archive.Review(desk.Book.EndOf(id)!.Value));
        return Details(entry.ReviewAt(id), default) with { Status = Word(end.Act), Person = end.Person };
    }

    private static ReviewDetails Details(ReviewState review, DateTimeOffset now) => new()
    {
        Id = review.Decision,
        Route = review.Route,
        Version = review.Version,
        Client = review.Client,
        Since = review.Since,
        Withheld = review.Withheld,
        Status = review.HolderAt(now) is null ? "pending" : "claimed",
        Person = review.HolderAt(now),
        Until = review.HolderAt(now) is null ? null : review.Until,
    };

    public static string Word(ReviewAct act) => act.ToString().ToLowerInvariant();

    private static IResult? Refuse(HttpContext http) => Readers.Any(http.GetCaller().Is)
        ? null
        : Problems.Result(Refusal.Forbidden("role-required", "Reviewers, owners, the second line and auditors see the reviews."));
}
