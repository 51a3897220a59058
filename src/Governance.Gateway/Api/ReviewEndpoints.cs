using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Governance.Gateway.Inference;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/reviews</c>: decisions that wait for a person, and what people make of them.</summary>
internal static class ReviewEndpoints
{
    public static void MapReviews(this RouteGroupBuilder api)
    {
        const string Review = "/reviews/{id:long}";
        api.MapGet("/reviews", List).WithName("ListReviews").WithSummary("Decisions that wait for a person, longest first").Produces<Page<ReviewDetails>>();
        api.MapGet("/review-figures", Figures).WithName("GetReviewFigures").WithSummary("How reviews went, by route and version").Produces<IReadOnlyList<ReviewFiguresDetails>>();
        api.MapGet(Review, (long id, HttpContext http, ReviewRoom room) => ShowAsync(id, http, room, done: null))
            .WithName("GetReview").WithSummary("A review; with what the decision rests on for who has it").Produces<ReviewDetails>();
        api.MapPost(Review + "/claim", async (long id, HttpContext http, ReviewRoom room) =>
                await ShowAsync(id, http, room, await room.ClaimAsync(http.GetCaller(), id, http.RequestAborted)))
            .WithName("ClaimReview").WithSummary("Take a review for a while").Produces<ReviewDetails>();
        api.MapPost(Review + "/release", async (long id, HttpContext http, ReviewRoom room) =>
                await ShowAsync(id, http, room, await room.ReleaseAsync(http.GetCaller(), id, http.RequestAborted)))
            .WithName("ReleaseReview").WithSummary("Give a claimed review back").Produces<ReviewDetails>();
        api.MapPost(Review + "/outcome", async (long id, DecideReviewRequest request, HttpContext http, ReviewRoom room) =>
                await ShowAsync(id, http, room, await room.DecideAsync(http.GetCaller(), id, request.Outcome, request.Reason, http.RequestAborted)))
            .WithName("DecideReview").WithSummary("Confirm or override the decision").Produces<ReviewDetails>();
    }

    private static IResult List(string? route, int? pageSize, string? pageToken, HttpContext http, ReviewRoom room) =>
        Refuse(http.GetCaller(), room) ?? Answers.Ok(room.List(route, Paging.Of(pageSize, pageToken)));

    private static IResult Figures(HttpContext http, ReviewRoom room) => Refuse(http.GetCaller(), room) ?? Answers.Ok(room.Figures());

    /// <param name="done">Why what was asked was not done; null when it was, or nothing was asked.</param>
    private static async Task<IResult> ShowAsync(long id, HttpContext http, ReviewRoom room, Refusal? done) =>
        done is not null ? Problems.Result(done)
        : Refuse(http.GetCaller(), room) is { } refusal ? refusal
        : await room.FindAsync(http.GetCaller(), id, http.RequestAborted) is { } review ? Answers.Ok(review)
        : Problems.Result(StatusCodes.Status404NotFound, "review-unknown", "No review waits under this number. List them with GET /api/v1/reviews.");

    private static IResult? Refuse(Caller caller, ReviewRoom room) => room.MaySee(caller)
        ? null
        : Problems.Result(Refusal.Forbidden("role-required", "Reviewers, owners, the second line and auditors see the reviews."));
}
