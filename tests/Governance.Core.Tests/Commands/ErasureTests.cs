using Governance.Core.Commands;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

public sealed class ErasureTests
{
    private static readonly ApproveErasure AsOwner = new("e1", Role.Owner);
    private static readonly ApproveErasure AsCompliance = new("e1", Role.Compliance);
    private static readonly StartErasure Start = new("e1", 2, "root", [new DatasetHolding("training", 1)]);
    private static readonly RecordErasure Record = new("e1", 2, "root", 5);

    [Fact]
    public async Task Two_people_in_two_roles_approve_and_then_it_is_started_and_recorded_once()
    {
        using var world = await RequestedAsync();
        await world.RefuseAsync(Start, People.System, "approvals-missing");
        await world.AcceptAsync(AsOwner, People.Olivia);
        await world.RefuseAsync(Start, People.System, "approvals-missing");
        await world.AcceptAsync(AsCompliance, People.Carla);
        await world.RefuseAsync(Record, People.System, "erasure-not-started");
        await world.AcceptAsync(Start, People.System);
        await world.AcceptAsync(Record, People.System);

        var erasure = world.State.Erasures["e1"];
        Assert.Equal(("dora", 2, 2L, 5L), (erasure.RequestedBy, erasure.Approvals.Count, erasure.Executed!.Records, erasure.Executed.KeyEpoch));
        await world.RefuseAsync(Record, People.System, "erasure-executed");
        await world.RefuseAsync(Start, People.System, "erasure-executed");
        await world.RefuseAsync(AsOwner, People.Person("oscar", Role.Owner), "erasure-executed");
    }

    [Fact]
    public async Task Who_asks_does_not_approve()
    {
        using var world = new World();
        var many = People.Person("many", Role.Dpo, Role.Compliance, Role.Owner);
        await world.AcceptAsync(new RequestErasure("e1", "objection", "S-1", "k"), many);
        await world.RefuseAsync(AsCompliance, many, "self-approval");
    }

    [Fact]
    public async Task One_person_does_not_approve_twice_nor_one_role()
    {
        using var world = await RequestedAsync();
        var both = People.Person("both", Role.Compliance, Role.Owner);
        await world.AcceptAsync(AsCompliance, both);
        await world.RefuseAsync(AsOwner, both, "already-approved");
        await world.RefuseAsync(AsCompliance, People.Carla, "role-already-approved");
        await world.AcceptAsync(AsOwner, People.Olivia);
    }

    [Theory]
    [InlineData(Role.Dpo)]
    [InlineData(Role.Validator)]
    [InlineData(Role.Administrator)]
    public async Task Other_roles_do_not_approve(Role role)
    {
        using var world = await RequestedAsync();
        await world.RefuseAsync(new ApproveErasure("e1", role), People.Person("p", role), "role-required");
        await world.RefuseAsync(AsOwner, People.Person("p", role), "role-required");
    }

    [Fact]
    public async Task Unknown_requests_and_grounds_are_refused()
    {
        using var world = await RequestedAsync();
        await world.RefuseAsync(new RequestErasure("e2", "whim", "S-1", "k"), People.Dora, "unknown-ground");
        await world.RefuseAsync(AsOwner with { RequestId = "e9" }, People.Olivia, "erasure-unknown");
        await world.RefuseAsync(Start with { RequestId = "e9" }, People.System, "erasure-unknown");
    }

    private static async Task<World> RequestedAsync()
    {
        var world = new World();
        await world.AcceptAsync(new RequestErasure("e1", "objection", "S-1", "k"), People.Dora);
        return world;
    }
}
