using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

/// <summary>What a route does, and who may change it.</summary>
public sealed class RouteTests
{
    private static readonly StartCanary Start = new(Samples.ModelId, 2, PromotionTarget.Champion, 5);
    private static readonly PromoteVersion PromoteSecond = new(Samples.ModelId, 2, PromotionTarget.Champion);
    private static readonly StopRoute Stop = new(Samples.ModelId, "Wrong letters.");

    [Fact]
    public async Task A_canary_is_allowed_by_the_gate_of_a_promotion_and_leaves_the_champion_where_it_is()
    {
        using var world = await TwoVersionsAsync();
        var events = await world.AcceptAsync(Start, People.Olivia);

        var decided = Assert.IsType<GateDecided>(events[0].Event);
        Assert.Equal((GateNames.Promote, decided.Document), (decided.Gate, Assert.IsType<CanaryStarted>(events[1].Event).Decision));
        var canary = Settings(world).Canary!;
        Assert.Equal((2, 5, events[1].Position), (canary.Version, canary.Percent, canary.Decision));
        Assert.Equal([VersionStatus.Promoted, VersionStatus.Canary], Statuses(world));
        Assert.Equal(1, world.State.Routes[Samples.ModelId].Version);

        await world.AcceptAsync(Start with { Percent = 50 }, People.Olivia);
        Assert.Equal(canary with { Percent = 50 }, Settings(world).Canary);
    }

    [Theory]
    [InlineData(GateStatus.Denied, "gate-denied")]
    [InlineData(GateStatus.Waiting, "gate-waiting")]
    public async Task What_the_gate_does_not_allow_is_no_canary_and_does_not_grow(GateStatus status, string code)
    {
        using var world = await TwoVersionsAsync();
        world.Gate = world.Gate with { Status = status };
        await world.RefuseAsync(Start, People.Olivia, code, recorded: true);
        Assert.Null(Settings(world).Canary);

        world.Gate = TestGate.Allows;
        await world.AcceptAsync(Start, People.Olivia);
        world.Gate = world.Gate with { Status = status };
        await world.RefuseAsync(Start with { Percent = 99 }, People.Olivia, code, recorded: true);
        Assert.Equal(5, Settings(world).Canary!.Percent);
    }

    [Fact]
    public async Task A_canary_ends_with_its_stop_its_suspension_or_a_promotion()
    {
        using var world = await TwoVersionsAsync();
        await world.RefuseAsync(new StopCanary(Samples.ModelId, "Slow."), People.Victor, "no-canary");
        await world.AcceptAsync(Start, People.Olivia);
        await world.RefuseAsync(new StopCanary(Samples.ModelId, " "), People.Victor, "reason-required");
        await world.AcceptAsync(new StopCanary(Samples.ModelId, "Breach of a guard."), People.System);
        Assert.Equal([VersionStatus.Promoted, VersionStatus.Superseded], Statuses(world));
        Assert.Null(Settings(world).Canary);

        await world.AcceptAsync(Start, People.Olivia);
        await world.AcceptAsync(PromoteSecond, People.Olivia);
        Assert.Equal([VersionStatus.Superseded, VersionStatus.Promoted], Statuses(world));
        Assert.Null(Settings(world).Canary);

        await world.AcceptAsync(Start with { Version = 1 }, People.Olivia);
        await world.AcceptAsync(new SuspendVersion(Samples.ModelId, 1, "Drift."), People.Victor);
        Assert.Equal([VersionStatus.Suspended, VersionStatus.Promoted], Statuses(world));
        Assert.Null(Settings(world).Canary);
        Assert.False(world.State.Routes[Samples.ModelId].Suspended);
        await world.RefuseAsync(Start with { Version = 1 }, People.Olivia, "version-closed");
    }

    [Fact]
    public async Task A_canary_needs_a_champion_that_reads_the_same_and_there_is_one_at_a_time()
    {
        using var bare = await World.WithEvidenceAsync();
        await bare.RefuseAsync(Start with { Version = 1 }, People.Olivia, "not-promoted");

        using var world = await TwoVersionsAsync();
        await world.RefuseAsync(Start with { Percent = 0 }, People.Olivia, "invalid-percent");
        await world.RefuseAsync(Start with { Percent = 100 }, People.Olivia, "invalid-percent");
        await world.RefuseAsync(Start with { Version = 9 }, People.Olivia, "version-unknown");
        await world.RefuseAsync(Start with { Version = 1 }, People.Olivia, "already-promoted");
        await world.AcceptAsync(Samples.Submission("model 3") with { FavourablePrediction = 1 }, People.Dana);
        await world.RefuseAsync(Start with { Version = 3 }, People.Olivia, "other-inputs");
        await world.AcceptAsync(Samples.Submission("model 4"), People.Dana);
        await world.AcceptAsync(Start, People.Olivia);
        await world.RefuseAsync(Start with { Version = 4 }, People.Olivia, "canary-running");
    }

    [Fact]
    public async Task A_pinned_route_is_neither_promoted_over_nor_tried_out_until_it_is_released()
    {
        using var world = await TwoVersionsAsync();
        await world.RefuseAsync(Configure(new RouteSettings { PinnedVersion = 2 }), People.Olivia, "not-serving");
        await world.AcceptAsync(Configure(new RouteSettings { PinnedVersion = 1 }), People.Olivia);
        await world.RefuseAsync(Start, People.Olivia, "route-pinned");
        await world.RefuseAsync(PromoteSecond, People.Olivia, "route-pinned");

        await world.AcceptAsync(Configure(new RouteSettings()), People.Olivia);
        await world.AcceptAsync(PromoteSecond, People.Olivia);
    }

    [Fact]
    public async Task Settings_leave_canary_and_stop_as_they_are()
    {
        using var world = await TwoVersionsAsync();
        await world.AcceptAsync(Start, People.Olivia);
        await world.AcceptAsync(Stop, People.Carla);
        var before = Settings(world);
        await world.AcceptAsync(Configure(new RouteSettings { Shadows = [2], Limits = new RouteLimits(Rows: 10) }), People.Olivia);
        Assert.Equal((before.Canary, before.Stopped), (Settings(world).Canary, Settings(world).Stopped));
        Assert.Equal(("Wrong letters.", "carla"), (before.Stopped!.Reason, before.Stopped.Person));
        var refusal = await world.RefuseAsync(Configure(before), People.Olivia, "invalid-settings");
        Assert.Contains("commands of their own", refusal.Faults[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Tier.One, false)]
    [InlineData(Tier.Two, false)]
    [InlineData(Tier.Three, true)]
    public async Task Only_answers_of_tier_three_may_be_recorded_afterwards(Tier tier, bool allowed)
    {
        using var world = new World();
        await world.AcceptAsync(new RegisterModel(Samples.Model() with { Tier = tier }), People.Dana);
        var afterwards = Configure(new RouteSettings { Audit = AuditMode.AsyncBounded });
        if (allowed)
        {
            await world.AcceptAsync(afterwards, People.Olivia);
        }
        else
        {
            await world.RefuseAsync(afterwards, People.Olivia, "audit-must-be-durable");
        }

        Assert.Equal(allowed ? AuditMode.AsyncBounded : AuditMode.SyncDurable, Settings(world).Audit);
    }

    [Fact]
    public async Task A_shadow_exists_reads_the_same_and_is_not_closed()
    {
        using var world = await TwoVersionsAsync();
        await world.RefuseAsync(Configure(new RouteSettings { Shadows = [9] }), People.Olivia, "version-unknown");
        await world.RefuseAsync(Configure(new RouteSettings { Shadows = [1] }), People.Olivia, "already-promoted");
        await world.AcceptAsync(Samples.Submission("model 3") with { FavourablePrediction = 1 }, People.Dana);
        await world.RefuseAsync(Configure(new RouteSettings { Shadows = [3] }), People.Olivia, "other-inputs");
        await world.AcceptAsync(Configure(new RouteSettings { Shadows = [2] }), People.Olivia);
        await world.AcceptAsync(PromoteSecond, People.Olivia);
        await world.AcceptAsync(new SuspendVersion(Samples.ModelId, 2, "Drift."), People.Victor);
        await world.RefuseAsync(Configure(new RouteSettings { Shadows = [2] }), People.Olivia, "version-closed");
    }

    public static TheoryData<RouteSettings> Bad() =>
    [
        new RouteSettings { Shadows = [2, 2] },
        new RouteSettings { Shadows = [2, 3, 4, 5, 6] },
        new RouteSettings { Upstream = "http://127.0.0.1/" },
        new RouteSettings { Review = new ReviewRule(ReviewWhen.NearCutoff) },
        new RouteSettings { Review = new ReviewRule(ReviewWhen.NearCutoff, double.NaN) },
        new RouteSettings { Review = new ReviewRule(ReviewWhen.All, 0.1) },
        new RouteSettings { Reasons = new ReasonRule(ReasonsWhen.Always, 0) },
        new RouteSettings { Limits = new RouteLimits(Rows: 0) },
        new RouteSettings { Limits = new RouteLimits(RequestsPerSecond: -1) },
        new RouteSettings { Limits = new RouteLimits(Concurrency: 10_001) },
        new RouteSettings { Rollback = new RollbackRule(100) },
        new RouteSettings { Rollback = new RollbackRule(0, 0.1) },
        new RouteSettings { Rollback = new RollbackRule(100, double.NaN) },
        new RouteSettings { Rollback = new RollbackRule(100, null, 1) },
        new RouteSettings { Rollback = new RollbackRule(100, null, null, 0) },
    ];

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public async Task Settings_out_of_bounds_are_refused(RouteSettings settings)
    {
        using var world = await World.PromotedAsync();
        Assert.NotEmpty((await world.RefuseAsync(Configure(settings), People.Olivia, "invalid-settings")).Faults);
    }

    [Fact]
    public async Task Only_the_owner_changes_traffic_and_starts_again_and_the_second_line_may_stop()
    {
        using var world = await TwoVersionsAsync();
        Command[] owners = [Start, Configure(new RouteSettings()), new StartRoute(Samples.ModelId, "Mended.")];
        foreach (var command in owners)
        {
            await world.RefuseAsync(command, People.Person("other", Role.Owner), "not-the-owner");
            foreach (var role in RoleNames.All.Where(r => r != Role.Owner))
            {
                await world.RefuseAsync(command, People.Person("olivia", role), "role-required");
            }
        }

        await world.AcceptAsync(Start, People.Olivia);
        foreach (var role in RoleNames.All.Where(r => r is not (Role.Owner or Role.Validator or Role.Compliance)))
        {
            await world.RefuseAsync(Stop, People.Person("somebody", role), "role-required");
            await world.RefuseAsync(new StopCanary(Samples.ModelId, "Slow."), People.Person("somebody", role), "role-required");
        }

        await world.RefuseAsync(Stop, People.System, "role-required");
        await world.RefuseAsync(Stop with { Reason = "" }, People.Victor, "reason-required");
        await world.RefuseAsync(Stop with { ModelId = "nothing" }, People.Victor, "model-unknown");
        await world.AcceptAsync(Stop, People.Victor);
        await world.RefuseAsync(Stop, People.Victor, "already-stopped");
        await world.AcceptAsync(new StartRoute(Samples.ModelId, "Mended."), People.Olivia);
        await world.RefuseAsync(new StartRoute(Samples.ModelId, "Mended."), People.Olivia, "not-stopped");
    }

    [Fact]
    public async Task A_route_can_be_stopped_before_anything_answers_it()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Stop, People.Carla);
        await world.AcceptAsync(new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion), People.Olivia);
        Assert.NotNull(Settings(world).Stopped);
    }

    private static ConfigureRoute Configure(RouteSettings settings) => new(Samples.ModelId, settings);

    private static RouteSettings Settings(World world) => world.State.SettingsOf(Samples.ModelId);

    private static VersionStatus[] Statuses(World world) => [.. world.State.Models[Samples.ModelId].Versions.Values.Select(v => v.Status)];

    private static async Task<World> TwoVersionsAsync()
    {
        var world = await World.PromotedAsync();
        await world.AcceptAsync(Samples.Submission("model 2"), People.Dana);
        return world;
    }
}
