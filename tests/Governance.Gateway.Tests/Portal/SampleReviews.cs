using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Portal;

namespace Governance.Gateway.Tests.Portal;

/// <summary>One decision that waits. For tests of the pages only.</summary>
internal sealed class SampleReviews : IPortalReviews
{
    public const string Page = "/reviews/41";
    private readonly List<string> asked = [];
    private ReviewDetails review = new()
    {
        Id = 41, Route = "consumer-credit", Version = 3, Client = "loans-app", Since = new DateTimeOffset(2026, 11, 18, 9, 12, 0, TimeSpan.Zero), Withheld = true, Status = "pending",
    };

    public IReadOnlyList<string> Asked => asked;

    public bool MaySee(Caller caller) => !caller.Is(Role.Client);

    public ValueTask<Page<ReviewDetails>> ListAsync(string? pageToken, CancellationToken cancellationToken) => ValueTask.FromResult(new Page<ReviewDetails>([review], null));

    public ValueTask<ReviewDetails?> FindAsync(Caller caller, long id, CancellationToken cancellationToken) => ValueTask.FromResult(
        id == review.Id ? review with { Payload = review.Person == caller.Subject ? new JsonObject { ["decision"] = "adverse" } : null } : null);

    public ValueTask<Refusal?> ClaimAsync(Caller caller, long id, CancellationToken cancellationToken)
    {
        review = review with { Status = "claimed", Person = caller.Subject };
        return DoneAsync($"{caller.Subject} claims {id}");
    }

    public ValueTask<Refusal?> ReleaseAsync(Caller caller, long id, CancellationToken cancellationToken) => DoneAsync($"{caller.Subject} releases {id}");

    public ValueTask<Refusal?> DecideAsync(Caller caller, long id, string outcome, string reason, CancellationToken cancellationToken) =>
        DoneAsync($"{caller.Subject} {id} {outcome}: {reason}");

    private ValueTask<Refusal?> DoneAsync(string what)
    {
        asked.Add(what);
        return ValueTask.FromResult<Refusal?>(null);
    }
}
