using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Gateway.Inference.Protection;
using Governance.Serving.Routing;

namespace Governance.Gateway.Tests.Protection;

public sealed class AdmissionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_caller_has_a_burst_then_waits_and_takes_nothing_from_others()
    {
        using var admission = new Admission(new ProtectionOptions());
        var route = Route(new RouteLimits(RequestsPerSecond: 1));
        Assert.Null(await EnterAsync(admission, route, "a"));
        Assert.Equal((429, "rate-limited"), Code(await EnterAsync(admission, route, "a")));
        Assert.Null(await EnterAsync(admission, route, "b"));
        Assert.Null(await EnterAsync(admission, Route(new RouteLimits(RequestsPerSecond: 1), "other"), "a"));
    }

    [Fact]
    public async Task The_tighter_rate_of_route_and_gateway_holds()
    {
        using var admission = new Admission(new ProtectionOptions { RequestsPerSecond = 1 });
        var route = Route(new RouteLimits(RequestsPerSecond: 1_000));
        Assert.Null(await EnterAsync(admission, route, "a"));
        Assert.Equal((429, "rate-limited"), Code(await EnterAsync(admission, route, "a")));
    }

    [Fact]
    public async Task At_most_so_many_are_answered_so_many_wait_and_the_rest_is_shed()
    {
        using var admission = new Admission(new ProtectionOptions { Concurrency = 2, Queue = 1 });
        var route = Route(null);
        var first = await admission.EnterAsync(route, Caller("a"), Token);
        var second = await admission.EnterAsync(route, Caller("a"), Token);
        var waiting = admission.EnterAsync(route, Caller("a"), Token).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.Equal((503, "overloaded"), Code(await EnterAsync(admission, route, "b")));

        first.Dispose();
        using var third = await waiting;
        Assert.Null(third.Refused);
        second.Dispose();
    }

    [Fact]
    public async Task A_route_full_to_its_limit_sheds_and_other_routes_are_answered()
    {
        using var admission = new Admission(new ProtectionOptions { Queue = 0 });
        var narrow = Route(new RouteLimits(Concurrency: 1));
        using (var held = await admission.EnterAsync(narrow, Caller("a"), Token))
        {
            Assert.Equal((503, "overloaded"), Code(await EnterAsync(admission, narrow, "b")));
            Assert.Null(await EnterAsync(admission, Route(new RouteLimits(Concurrency: 1), "other"), "b"));
        }

        Assert.Null(await EnterAsync(admission, narrow, "b"));
    }

    [Fact]
    public async Task Who_leaves_the_queue_gives_the_gateway_s_place_back()
    {
        using var admission = new Admission(new ProtectionOptions { Concurrency = 2, Queue = 1 });
        var narrow = Route(new RouteLimits(Concurrency: 1));
        using var held = await admission.EnterAsync(narrow, Caller("a"), Token);
        using var leaving = new CancellationTokenSource();
        var waiting = admission.EnterAsync(narrow, Caller("b"), leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Null(await EnterAsync(admission, Route(null, "other"), "b"));
    }

    private static async Task<Shed?> EnterAsync(Admission admission, RouteOutcome.Serves route, string caller)
    {
        using var pass = await admission.EnterAsync(route, Caller(caller), Token);
        return pass.Refused;
    }

    private static (int Status, string Code) Code(Shed? shed) => (shed!.Status, shed.Code);

    private static RouteOutcome.Serves Route(RouteLimits? limits, string name = "credit") => new(
        new RouteState(name, name, 1, default, 0),
        new VersionState
        {
            ModelId = name, SubmittedBy = "dana", SubmittedAt = default, SubmittedPosition = 0,
            Submission = new VersionSubmission
            {
                Number = 1, Artifact = default, Description = "v", Features = ["a"], TrainingDataset = "a", EvaluationDataset = "b", Threshold = 0.5, FavourablePrediction = 0,
            },
        }) { Settings = new RouteSettings { Limits = limits } };

    private static Caller Caller(string subject) => new()
    {
        Subject = subject, Name = subject, Kind = CallerKind.Application, Roles = RoleSet.Of(Role.Client), TokenId = "t", ExpiresAt = DateTimeOffset.MaxValue,
    };
}
