using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

/// <summary>Who changes the policy, and what is in force when.</summary>
public sealed class PolicyLifeTests
{
    private static readonly InstallPolicy Shipped = new("house", "1", Samples.D("policy 1"), Samples.D("params 1"), Samples.D("archive 1"));

    [Fact]
    public async Task The_shipped_pack_is_installed_once_and_never_over_another()
    {
        using var world = new World();
        Assert.Null(world.State.Policies.At(world.Time.GetUtcNow()));
        Assert.Single(await world.AcceptAsync(Shipped, People.System));
        Assert.Empty(await world.AcceptAsync(Shipped, People.System));
        Assert.Empty(await world.AcceptAsync(Shipped with { Params = Samples.D("other") }, People.System));
        Assert.Equal(Samples.D("params 1"), InForce(world)!.Params);
    }

    [Fact]
    public async Task A_pack_published_before_files_were_kept_gets_its_files()
    {
        using var world = new World();
        world.Store.AppendFromElsewhere("policy", World.Start, new PolicyPublished("house", "1", Shipped.Policy, Shipped.Params));
        await world.Governor.CatchUpAsync(TestContext.Current.CancellationToken);
        Assert.Null(InForce(world)!.Archive);
        Assert.Empty(await world.AcceptAsync(Shipped with { Policy = Samples.D("another") }, People.System));
        Assert.Single(await world.AcceptAsync(Shipped, People.System));
        Assert.Equal(Shipped.Archive, InForce(world)!.Archive);
    }

    [Fact]
    public async Task Two_people_change_what_is_in_force()
    {
        using var world = await InstalledAsync();
        await world.AcceptAsync(Proposal("p2"), People.Victor);
        Assert.Equal("1", InForce(world)!.PackVersion);

        await world.RefuseAsync(Approval("p2"), People.Person("victor", Role.Validator, Role.Compliance), "self-approval");
        await world.RefuseAsync(Approval("p2"), People.Olivia, "role-required");
        await world.RefuseAsync(Approval("p2"), People.Application("robot", Role.Compliance), "role-required");
        await world.RefuseAsync(Approval("p2") with { Archive = Samples.D("something else") }, People.Carla, "binding-changed");
        await world.RefuseAsync(Approval("p2") with { Comment = " " }, People.Carla, "comment-required");
        await world.RefuseAsync(Approval("p9"), People.Carla, "proposal-unknown");
        await world.AcceptAsync(Approval("p2"), People.Carla);

        Assert.Equal("2", InForce(world)!.PackVersion);
        Assert.Equal("p2", InForce(world)!.Proposal);
        await world.RefuseAsync(Approval("p2"), People.Person("cleo", Role.Compliance), "proposal-closed");
        await world.RefuseAsync(Proposal("p3"), People.Victor, "policy-unchanged");
    }

    [Theory]
    [InlineData(Role.Developer, false)]
    [InlineData(Role.Owner, false)]
    [InlineData(Role.Validator, true)]
    [InlineData(Role.Committee, true)]
    [InlineData(Role.Compliance, true)]
    [InlineData(Role.Dpo, false)]
    [InlineData(Role.Auditor, false)]
    [InlineData(Role.Administrator, false)]
    public async Task The_second_line_proposes(Role role, bool allowed)
    {
        using var world = await InstalledAsync();
        var outcome = await world.ExecuteAsync(Proposal("p2"), People.Person("somebody", role));
        Assert.Equal(allowed, outcome is CommandOutcome.Accepted);
        await world.RefuseAsync(Proposal("p3"), People.Application("robot", Role.Compliance), "role-required");
    }

    [Fact]
    public async Task A_dated_pack_comes_into_force_by_the_time_alone_and_an_earlier_one_comes_back()
    {
        using var world = await InstalledAsync();
        var date = World.Start.AddDays(30);
        await world.RefuseAsync(Proposal("p2") with { EffectiveFrom = World.Start }, People.Victor, "effective-date-past");
        await world.AcceptAsync(Proposal("p2") with { EffectiveFrom = date }, People.Victor);
        await world.AcceptAsync(Approval("p2"), People.Carla);

        var policies = world.State.Policies;
        Assert.Equal("1", policies.At(date.AddTicks(-1))!.PackVersion);
        Assert.Equal("2", policies.At(date)!.PackVersion);
        Assert.Single(policies.Scheduled(World.Start));
        Assert.Null(policies.At(World.Start.AddDays(-1)));

        world.Time.Advance(TimeSpan.FromDays(31));
        await world.AcceptAsync(Proposal("p3", 1), People.Victor);
        await world.AcceptAsync(Approval("p3", 1), People.Carla);
        Assert.Equal("1", InForce(world)!.PackVersion);
        Assert.Equal("2", world.State.Policies.At(date.AddDays(1).AddMinutes(-1))!.PackVersion);
        Assert.Equal(Samples.D("archive 2"), world.State.Policies.Archive(Samples.D("policy 2"), Samples.D("params 2")));
    }

    [Fact]
    public async Task A_proposal_is_withdrawn_until_it_is_in_force()
    {
        using var world = await InstalledAsync();
        var date = World.Start.AddDays(30);
        await world.AcceptAsync(Proposal("p2") with { EffectiveFrom = date }, People.Victor);
        await world.AcceptAsync(Approval("p2"), People.Carla);
        var withdraw = new WithdrawPolicy("p2", "Wrong limit.");
        await world.RefuseAsync(withdraw, People.Chris, "role-required");
        await world.RefuseAsync(withdraw with { Reason = "" }, People.Carla, "reason-required");
        await world.AcceptAsync(withdraw, People.Carla);
        Assert.Equal("1", world.State.Policies.At(date)!.PackVersion);
        await world.RefuseAsync(withdraw, People.Carla, "proposal-closed");
        await world.RefuseAsync(Approval("p2"), People.Carla, "proposal-closed");

        await world.AcceptAsync(Proposal("p3"), People.Victor);
        await world.AcceptAsync(Approval("p3"), People.Carla);
        await world.RefuseAsync(withdraw with { ProposalId = "p3" }, People.Victor, "proposal-closed");
    }

    [Fact]
    public async Task A_gate_decides_under_the_pack_of_the_moment_of_the_decision()
    {
        using var world = await World.WithEvidenceAsync();
        var gate = new SwitchingGate();
        await world.Governor.ExecuteAsync(new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion), People.Olivia, gate, null, TestContext.Current.CancellationToken);
        Assert.Equal(world.Time.GetUtcNow(), gate.Asked);
    }

    [Fact]
    public async Task Nothing_is_recorded_when_the_decision_cannot_be_kept()
    {
        using var world = await World.WithEvidenceAsync();
        world.Documents.Full = true;
        var refusal = await world.RefuseAsync(new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion), People.Olivia, "storage-unavailable");
        Assert.Equal(RefusalKind.Unavailable, refusal.Kind);
        Assert.Empty(world.State.Routes);
    }

    [Fact]
    public async Task A_denied_submission_leaves_a_decision_and_no_version_and_a_waiting_one_goes_in()
    {
        using var world = await World.WithModelAsync();
        world.Gate = TestGate.Denies;
        await world.RefuseAsync(Samples.Submission(), People.Dana, "gate-denied", recorded: true);
        Assert.Equal((GateNames.Submit, GateStatus.Denied), Assert.IsType<GateDecided>(world.Store.Events[^1].Event) is var e ? (e.Gate, e.Status) : default);
        Assert.Empty(world.State.Models[Samples.ModelId].Versions);

        world.Gate = TestGate.Waits;
        await world.AcceptAsync(Samples.Submission(), People.Dana);
        Assert.Equal(GateStatus.Waiting, world.Version.Gates[GateNames.Submit].Status);
        Assert.Null(world.Version.LastGate);
    }

    [Fact]
    public async Task What_policy_denies_nobody_approves_but_anybody_of_the_second_line_rejects()
    {
        using var world = await World.WithEvidenceAsync();
        world.Gate = TestGate.Denies;
        await world.RefuseAsync(world.SignOff(Role.Validator), People.Victor, "gate-denied", recorded: true);
        Assert.Empty(world.Version.SignOffs);
        await world.AcceptAsync(world.SignOff(Role.Validator, SignOffMeaning.Rejected), People.Victor);

        using var other = await World.WithEvidenceAsync();
        other.Gate = TestGate.Waits;
        await other.AcceptAsync(other.SignOff(Role.Validator), People.Victor);
        Assert.Single(other.Version.SignOffs);
    }

    [Fact]
    public async Task Monitoring_suspends_what_is_denied_and_records_changes_only()
    {
        using var world = await World.PromotedAsync();
        var monitor = new MonitorVersion(Samples.ModelId, 1, new LiveFigures(24, 100, 0, 3));
        Assert.Empty(await world.AcceptAsync(monitor, People.System));
        Assert.Empty(await world.AcceptAsync(monitor with { Live = new LiveFigures(24, 200, 1, 4) }, People.System));

        world.Gate = TestGate.Waits;
        Assert.Single(await world.AcceptAsync(monitor, People.System));
        Assert.Empty(await world.AcceptAsync(monitor, People.System));
        Assert.False(world.State.Routes[Samples.ModelId].Suspended);

        world.Gate = TestGate.Denies;
        var events = await world.AcceptAsync(monitor, People.System);
        Assert.Equal("test-rule", Assert.IsType<VersionSuspended>(events[1].Event).Rule);
        Assert.Contains("test-rule", world.Version.StatusReason, StringComparison.Ordinal);
        Assert.True(world.State.Routes[Samples.ModelId].Suspended);
        await world.RefuseAsync(monitor, People.System, "not-serving");
    }

    private static async Task<World> InstalledAsync()
    {
        var world = new World();
        await world.AcceptAsync(Shipped, People.System);
        return world;
    }

    private static PolicyRelease? InForce(World world) => world.State.Policies.At(world.Time.GetUtcNow());

    private static ProposePolicy Proposal(string id, int pack = 2) => new(
        id, "house", $"{pack}", Samples.D($"policy {pack}"), Samples.D($"params {pack}"), Samples.D($"archive {pack}"), null, "Limits.", 3, 1, Samples.D("dry run"));

    private static ApprovePolicy Approval(string id, int pack = 2) => new(id, Samples.D($"archive {pack}"), "Looked at the dry run.");

    /// <summary>Notes at which time it is asked for the pack in force.</summary>
    private sealed class SwitchingGate : IGate
    {
        public DateTimeOffset? Asked { get; private set; }

        public Digest Policy => TestGate.Allows.Policy;

        public AuditStatus Audit => TestGate.Allows.Audit;

        public GateDecision Evaluate(string gate, System.Text.Json.Nodes.JsonObject input) => TestGate.Allows.Evaluate(gate, input);

        public Core.Evidence.VerifiedEvidence? Evidence(Digest envelope) => null;

        public RuleTerms? Rule(string id) => TestGate.Allows.Rule(id);

        public WorkflowRules Workflow(Tier tier) => TestGate.Allows.Workflow(tier);

        public IGate InForce(GovernanceState state, DateTimeOffset now)
        {
            Asked = now;
            return this;
        }
    }
}
