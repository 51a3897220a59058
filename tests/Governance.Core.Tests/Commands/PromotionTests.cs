using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

public sealed class PromotionTests
{
    private static readonly PromoteVersion Promote = new(Samples.ModelId, 1, PromotionTarget.Champion);

    [Fact]
    public async Task The_decision_and_the_promotion_are_one_append_and_name_each_other()
    {
        using var world = await World.WithEvidenceAsync();
        var events = await world.AcceptAsync(Promote, People.Olivia);

        var decided = Assert.IsType<GateDecided>(events[0].Event);
        var promoted = Assert.IsType<VersionPromoted>(events[1].Event);
        Assert.Equal(events[0].Position + 1, events[1].Position);
        Assert.Equal(decided.Document, promoted.Decision);
        Assert.Equal(GateStatus.Allowed, world.Documents.Decision(decided).Status);
        Assert.NotNull(world.Documents.Read(decided.Input));
        var route = world.State.Routes[Samples.ModelId];
        Assert.Equal((1, events[1].Position, false), (route.Version, route.Decision, route.Suspended));
        Assert.Equal(GateStatus.Allowed, world.Version.LastGate!.Status);
    }

    [Theory]
    [InlineData(GateStatus.Denied, "gate-denied")]
    [InlineData(GateStatus.Waiting, "gate-waiting")]
    public async Task A_refusal_of_the_gate_is_recorded_and_carries_the_decision(GateStatus status, string code)
    {
        using var world = await World.WithEvidenceAsync();
        world.Gate = world.Gate with { Status = status };

        var refusal = await world.RefuseAsync(Promote, People.Olivia, code, recorded: true);

        Assert.Equal((RefusalKind.Gate, status), (refusal.Kind, refusal.Gate!.Status));
        var recorded = Assert.IsType<GateDecided>(world.Store.Events[^1].Event);
        Assert.Equal(GovernanceJson.Serialize(refusal.Gate), world.Documents.Read(recorded.Document));
        Assert.Equal(status, world.Version.LastGate!.Status);
        Assert.Empty(world.State.Routes);
        Assert.Equal(VersionStatus.Submitted, world.Version.Status);
    }

    [Fact]
    public async Task A_refused_promotion_leaves_its_idempotency_key_free()
    {
        using var world = await World.WithEvidenceAsync();
        var key = new RequestKey("promote", Samples.D("body"));
        world.Gate = TestGate.Denies;
        Assert.IsType<CommandOutcome.Refused>(await world.ExecuteAsync(Promote, People.Olivia, key));
        world.Gate = TestGate.Allows;
        var again = Assert.IsType<CommandOutcome.Accepted>(await world.ExecuteAsync(Promote, People.Olivia, key));
        Assert.False(again.Replayed);
    }

    [Fact]
    public async Task Only_the_registered_owner_promotes()
    {
        using var world = await World.WithEvidenceAsync();
        await world.RefuseAsync(Promote, People.Person("other", Role.Owner), "not-the-owner");
        await world.RefuseAsync(Promote with { ModelId = "nothing" }, People.Olivia, "model-unknown");
        await world.RefuseAsync(Promote with { Version = 2 }, People.Olivia, "version-unknown");
    }

    [Fact]
    public async Task A_later_promotion_supersedes_and_an_earlier_version_can_come_back()
    {
        using var world = await World.PromotedAsync();
        await world.RefuseAsync(Promote, People.Olivia, "already-promoted");
        await world.AcceptAsync(Samples.Submission("model 2"), People.Dana);

        var events = await world.AcceptAsync(Promote with { Version = 2 }, People.Olivia);
        Assert.Equal(1, Assert.IsType<VersionPromoted>(events[1].Event).Replaced);
        Assert.Equal([VersionStatus.Superseded, VersionStatus.Promoted], Statuses(world));

        await world.AcceptAsync(Promote, People.Olivia);
        Assert.Equal([VersionStatus.Promoted, VersionStatus.Superseded], Statuses(world));
        Assert.Equal(1, world.State.Routes[Samples.ModelId].Version);
    }

    [Fact]
    public async Task A_suspension_closes_the_route_until_another_version_is_promoted()
    {
        using var world = await World.PromotedAsync();
        await world.RefuseAsync(new SuspendVersion(Samples.ModelId, 1, ""), People.Victor, "reason-required");
        await world.AcceptAsync(new SuspendVersion(Samples.ModelId, 1, "Drift."), People.Victor);

        Assert.True(world.State.Routes[Samples.ModelId].Suspended);
        await world.RefuseAsync(Promote, People.Olivia, "version-closed");
        await world.RefuseAsync(new SuspendVersion(Samples.ModelId, 1, "Drift."), People.Victor, "not-serving");
        await world.RefuseAsync(new SuspendVersion(Samples.ModelId, 2, "Drift."), People.Victor, "version-unknown");

        await world.AcceptAsync(Samples.Submission("model 2"), People.Dana);
        await world.AcceptAsync(Promote with { Version = 2 }, People.Olivia);
        Assert.False(world.State.Routes[Samples.ModelId].Suspended);
        Assert.Equal([VersionStatus.Suspended, VersionStatus.Promoted], Statuses(world));
    }

    private static VersionStatus[] Statuses(World world) => [.. world.State.Models[Samples.ModelId].Versions.Values.Select(v => v.Status)];
}
