using System.Globalization;
using Governance.Client.Contracts;
using Governance.Client.Transport;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    /// <summary>Decisions that wait for a person, longest first.</summary>
    /// <param name="route">Of this route; null for all.</param>
    public Task<Page<ReviewDetails>> ListReviewsAsync(string? route, PageRequest page, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<ReviewDetails>>(Call.Get(Query.Page("api/v1/reviews", page, ("route", route))), cancellationToken);

    /// <summary>How reviews went, by route and version.</summary>
    public Task<IReadOnlyList<ReviewFiguresDetails>> GetReviewFiguresAsync(CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<IReadOnlyList<ReviewFiguresDetails>>(Call.Get("api/v1/review-figures"), cancellationToken);

    /// <summary>A review; with what the decision rests on for who has it.</summary>
    public Task<ReviewDetails> GetReviewAsync(long id, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ReviewDetails>(Call.Get(Review(id)), cancellationToken);

    /// <summary>Takes a review for a while. Asked again by the same person it lasts longer.</summary>
    public Task<ReviewDetails> ClaimReviewAsync(long id, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ReviewDetails>(new Call(HttpMethod.Post, Review(id) + "/claim") { Repeatable = true }, cancellationToken);

    /// <summary>Gives a claimed review back.</summary>
    public Task<ReviewDetails> ReleaseReviewAsync(long id, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ReviewDetails>(new Call(HttpMethod.Post, Review(id) + "/release"), cancellationToken);

    /// <summary>Confirms or overrides the decision. A claim first.</summary>
    public Task<ReviewDetails> DecideReviewAsync(long id, DecideReviewRequest decision, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ReviewDetails>(new Call(HttpMethod.Post, Review(id) + "/outcome") { Content = Bodies.Json(decision) }, cancellationToken);

    private static string Review(long id) => "api/v1/reviews/" + id.ToString(CultureInfo.InvariantCulture);
}
