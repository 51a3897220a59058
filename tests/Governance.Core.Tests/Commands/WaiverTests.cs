using System.Text.Json.Nodes;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Oversight;
using Governance.Core.State;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

public sealed class WaiverTests
{
    private const string Id = "credit.w1";

    private static readonly DateTimeOffset End = World.Start.AddDays(60);

    private static readonly RequestWaiver Ask = new(
        Samples.ModelId, 1, "test-rule", PromotionTarget.Champion, "Needs a year of new data.", "40 more defaults a year.", "Limit of 5,000.", "Retrain in May.", End);

    private static readonly Caller Chair = People.Person("chair", Role.Committee);

    [Fact]
    public async Task It_counts_when_people_of_both_lines_agreed_and_until_it_ends()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Ask, People.Dana);
        Assert.Equal(WaiverStatus.Requested, Status(world));
        Assert.Empty(Input(world));

        await world.AcceptAsync(new ApproveWaiver(Id, Role.Owner, "Within appetite."), People.Olivia);
        Assert.Empty(Input(world));
        await world.AcceptAsync(new ApproveWaiver(Id, Role.Committee, "Agreed."), People.Chris);
        Assert.Equal(WaiverStatus.Active, Status(world));

        var entry = Assert.Single(Input(world));
        Assert.Equal("""["olivia","chris"]""", entry["approvers"]!.ToJsonString());
        Assert.Equal("[1,2]", entry["lines"]!.ToJsonString());
        Assert.Equal((Id, "active", "champion"), (entry["id"]!.GetValue<string>(), entry["state"]!.GetValue<string>(), entry["target"]!.GetValue<string>()));

        Assert.Equal(WaiverStatus.Active, Status(world, End.AddTicks(-1)));
        Assert.Equal(WaiverStatus.Expired, Status(world, End));
        Assert.Equal("expired", Assert.Single(Input(world, End))["state"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(Tier.One, 2)]
    [InlineData(Tier.Two, 1)]
    [InlineData(Tier.Three, 1)]
    public async Task For_tier_one_the_committee_has_to_agree(Tier tier, int level)
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(new ConfirmTier(Samples.ModelId, tier), People.Victor);
        await world.AcceptAsync(Ask, People.Dana);
        Assert.Equal(level, world.State.Waiver(Id)!.Request.Level);
        await world.AcceptAsync(new ApproveWaiver(Id, Role.Owner, "Yes."), People.Olivia);
        if (level == 2)
        {
            await world.RefuseAsync(new ApproveWaiver(Id, Role.Validator, "Yes."), People.Victor, "approval-not-needed");
        }

        await world.AcceptAsync(new ApproveWaiver(Id, level == 2 ? Role.Committee : Role.Validator, "Yes."), level == 2 ? People.Chris : People.Victor);
        Assert.Equal(WaiverStatus.Active, Status(world));
    }

    [Theory]
    [InlineData("requester", "self-approval")]
    [InlineData("developer", "not-independent")]
    [InlineData("submitter", "not-independent")]
    [InlineData("owner of the model", "not-independent")]
    [InlineData("twice", "already-approved")]
    [InlineData("same line", "approval-not-needed")]
    [InlineData("application", "role-required")]
    [InlineData("role not held", "role-required")]
    [InlineData("dpo", "role-required")]
    [InlineData("stale", "reauthentication-required")]
    [InlineData("no comment", "comment-required")]
    public async Task Whose_approval_is_refused(string who, string code)
    {
        using var world = await World.WithEvidenceAsync();
        var asker = People.Person("asker", Role.Developer, Role.Owner, Role.Committee);
        await world.AcceptAsync(new AddDeveloper(Samples.ModelId, "devi"), People.Dana);
        await world.AcceptAsync(Ask, asker);
        await world.AcceptAsync(new ApproveWaiver(Id, Role.Owner, "Yes."), People.Person("both", Role.Owner, Role.Committee));
        var (approver, role) = who switch
        {
            "requester" => (asker, Role.Committee),
            "developer" => (People.Person("devi", Role.Committee), Role.Committee),
            "submitter" => (People.Person("dana", Role.Committee), Role.Committee),
            "owner of the model" => (People.Person("olivia", Role.Owner, Role.Committee), Role.Committee),
            "twice" => (People.Person("both", Role.Owner, Role.Committee), Role.Committee),
            "same line" => (People.Olivia, Role.Owner),
            "application" => (People.Application("robot", Role.Committee), Role.Committee),
            "role not held" => (People.Victor, Role.Committee),
            "dpo" => (People.Dora, Role.Dpo),
            "stale" => (People.Chris with { AuthenticatedAt = World.Start.AddMinutes(-15).AddTicks(-1) }, Role.Committee),
            _ => (People.Chris, Role.Committee),
        };

        await world.RefuseAsync(new ApproveWaiver(Id, role, who == "no comment" ? "" : "Yes."), approver, code);
        Assert.Equal(WaiverStatus.Requested, Status(world));
    }

    [Fact]
    public async Task What_cannot_be_asked_for_is_refused()
    {
        using var world = await World.WithEvidenceAsync();
        await world.RefuseAsync(Ask with { Rule = "firm-rule" }, People.Dana, "not-waivable");
        await world.RefuseAsync(Ask with { Rule = "nothing" }, People.Dana, "rule-unknown");
        await world.RefuseAsync(Ask with { Version = 7 }, People.Dana, "version-unknown");
        await world.RefuseAsync(Ask with { ModelId = "nothing" }, People.Dana, "model-unknown");
        await world.RefuseAsync(Ask, People.Victor, "role-required");
        await world.RefuseAsync(Ask, People.Application("robot", Role.Developer), "role-required");
        var faults = await world.RefuseAsync(Ask with { Reason = "", Risk = " ", Control = "", Exit = "", Expires = World.Start.AddDays(91) }, People.Dana, "invalid-waiver");
        Assert.Equal(5, faults.Faults.Count);
        await world.RefuseAsync(Ask with { Expires = World.Start }, People.Dana, "invalid-waiver");
        await world.RefuseAsync(Ask with { Emergency = true, Expires = World.Start.AddDays(31) }, People.Dana, "invalid-waiver");
        await world.AcceptAsync(Ask, People.Dana);
        await world.RefuseAsync(Ask, People.Olivia, "waiver-exists");
    }

    [Fact]
    public async Task Other_evidence_of_the_rule_voids_it_and_the_same_result_again_does_not()
    {
        using var world = await World.WithEvidenceAsync();
        await GrantAsync(world);
        await world.RecordAsync("run-2", "result 1");
        Assert.Equal(WaiverStatus.Active, Status(world));
        await world.RecordAsync("run-3", "result 2");
        Assert.Equal(WaiverStatus.Void, Status(world));
        Assert.Empty(Input(world));
        await world.AcceptAsync(Ask, People.Dana);
    }

    [Fact]
    public async Task It_is_for_one_version()
    {
        using var world = await World.WithEvidenceAsync();
        await GrantAsync(world);
        await world.AcceptAsync(Samples.Submission("model 2"), People.Dana);
        Assert.Empty(Input(world, version: 2));
        Assert.Single(Input(world));
    }

    [Fact]
    public async Task A_denial_ends_it_and_a_revocation_ends_one_in_force()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Ask, People.Dana);
        await world.RefuseAsync(new DenyWaiver(Id, Role.Dpo, ""), People.Dora, "reason-required");
        await world.RefuseAsync(new DenyWaiver(Id, Role.Auditor, "No."), People.Person("audrey", Role.Auditor), "role-required");
        await world.AcceptAsync(new DenyWaiver(Id, Role.Dpo, "Privacy."), People.Dora);
        await world.RefuseAsync(new ApproveWaiver(Id, Role.Owner, "Yes."), People.Olivia, "waiver-not-open");
        await world.RefuseAsync(new RevokeWaiver(Id, "Again."), People.Carla, "waiver-not-open");

        await GrantAsync(world, "credit.w2");
        await world.RefuseAsync(new RevokeWaiver("credit.w2", "No."), People.Dev2, "role-required");
        await world.AcceptAsync(new RevokeWaiver("credit.w2", "Losses above the estimate."), People.Carla);
        Assert.Equal(WaiverStatus.Revoked, world.State.StatusOf(world.State.Waiver("credit.w2")!, World.Start));
        Assert.Empty(Input(world));
    }

    [Fact]
    public async Task A_renewal_is_its_own_waiver_once_and_one_level_higher()
    {
        using var world = await World.WithEvidenceAsync();
        await GrantAsync(world);
        var renew = new RenewWaiver(Id, "The data comes later.", End.AddDays(25));
        await world.RefuseAsync(renew with { Expires = World.Start.AddDays(91) }, People.Dana, "invalid-waiver");
        await world.AcceptAsync(renew, People.Dana);
        await world.RefuseAsync(renew, People.Dana, "waiver-exists");
        var renewal = world.State.Waiver("credit.w2")!;
        Assert.Equal((3, Id, WaiverStatus.Requested), (renewal.Request.Level, renewal.Request.RenewalOf, world.State.StatusOf(renewal, World.Start)));

        await world.AcceptAsync(new ApproveWaiver("credit.w2", Role.Owner, "Yes."), People.Olivia);
        await world.AcceptAsync(new ApproveWaiver("credit.w2", Role.Committee, "Yes."), People.Chris);
        Assert.Equal(WaiverStatus.Requested, world.State.StatusOf(world.State.Waiver("credit.w2")!, World.Start));
        await world.AcceptAsync(new ApproveWaiver("credit.w2", Role.Committee, "Yes."), Chair);

        Assert.Equal("active", Assert.Single(Input(world, End.AddDays(1)))["state"]!.GetValue<string>());
        await world.RefuseAsync(new RenewWaiver("credit.w2", "Again.", World.Start.AddDays(80)), People.Dana, "renewed-once");
    }

    [Fact]
    public async Task An_emergency_waiver_counts_at_once_and_no_longer_when_nobody_reviewed_it()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Ask with { Emergency = true, Expires = World.Start.AddDays(20) }, People.Dana);
        await world.AcceptAsync(new ApproveWaiver(Id, Role.Owner, "Yes."), People.Olivia);
        await world.AcceptAsync(new ApproveWaiver(Id, Role.Validator, "Yes."), People.Victor);
        var waiver = world.State.Waiver(Id)!;

        // 1 March 2026 is a Sunday: five business days end on Friday the 6th.
        Assert.Equal(World.Start.AddDays(5), waiver.ReviewDue);
        Assert.Equal(WaiverStatus.Active, Status(world));
        Assert.Equal(WaiverStatus.Unreviewed, Status(world, World.Start.AddDays(5)));
        Assert.Equal("unreviewed", Assert.Single(Input(world, World.Start.AddDays(6)))["state"]!.GetValue<string>());

        await world.RefuseAsync(new ReviewWaiver(Id, true, "Fine."), People.Victor, "role-required");
        await world.RefuseAsync(new ReviewWaiver(Id, true, "Fine."), People.Person("olivia", Role.Committee), "not-independent");
        await world.RefuseAsync(new ReviewWaiver(Id, true, "Fine."), People.Person("victor", Role.Committee), "self-approval");
        await world.RefuseAsync(new ReviewWaiver(Id, true, "Fine."), People.Person("dana", Role.Committee), "self-approval");
        await world.AcceptAsync(new ReviewWaiver(Id, true, "There was no other way."), People.Chris);
        Assert.Equal(WaiverStatus.Active, Status(world, World.Start.AddDays(6)));
        await world.RefuseAsync(new ReviewWaiver(Id, false, "On second thoughts."), Chair, "nothing-to-review");
        await world.RefuseAsync(new RenewWaiver(Id, "Longer.", World.Start.AddDays(30)), People.Dana, "renewed-once");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lapse_under_a_serving_version_is_recorded_once_and_suspends_where_the_policy_says_so(bool suspends)
    {
        using var world = await World.WithEvidenceAsync();
        world.Gate = world.Gate with { Rules = WorkflowRules.House(Tier.One) with { LapseSuspends = suspends } };
        await GrantAsync(world);
        await world.AcceptAsync(new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion), People.Olivia);
        Assert.Empty(Alerts.Due(world.State, End.AddTicks(-1)));
        Assert.Equal(AlertKind.WaiverEnding, Assert.Single(Alerts.At(world.State, End.AddDays(-1))).Kind);

        world.Time.Advance(End - World.Start);
        Assert.Equal(AlertKind.WaiverLapsed, Assert.Single(Alerts.At(world.State, End)).Kind);
        var command = Assert.IsType<RecordLapse>(Assert.Single(Alerts.Due(world.State, End)));
        await world.RefuseAsync(command, People.Victor, "system-only");
        var events = await world.AcceptAsync(command, People.System);

        var lapsed = Assert.IsType<WaiverLapsed>(events[0].Event);
        Assert.Equal((WaiverStatus.Expired, true), (lapsed.Cause, lapsed.Serving));
        Assert.Equal(suspends, world.State.Routes[Samples.ModelId].Suspended);
        Assert.Equal(suspends ? VersionStatus.Suspended : VersionStatus.Promoted, world.Version.Status);
        Assert.Empty(Alerts.Due(world.State, End));
        Assert.Empty(await world.AcceptAsync(command, People.System));
    }

    [Fact]
    public async Task An_unreviewed_emergency_suspends_and_a_renewal_in_force_keeps_a_version_serving()
    {
        using var world = await World.WithEvidenceAsync();
        world.Gate = world.Gate with { Rules = WorkflowRules.House(Tier.One) with { LapseSuspends = true } };
        await GrantAsync(world);
        await world.AcceptAsync(new RenewWaiver(Id, "Longer.", World.Start.AddDays(89)), People.Dana);
        foreach (var (role, person) in new[] { (Role.Owner, People.Olivia), (Role.Committee, People.Chris), (Role.Committee, Chair) })
        {
            await world.AcceptAsync(new ApproveWaiver("credit.w2", role, "Yes."), person);
        }

        await world.AcceptAsync(new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion), People.Olivia);
        world.Time.Advance(TimeSpan.FromDays(61));
        var events = await world.AcceptAsync(new RecordLapse(Id), People.System);
        Assert.False(Assert.IsType<WaiverLapsed>(Assert.Single(events).Event).Serving);
        Assert.Equal(VersionStatus.Promoted, world.Version.Status);

        world.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(2, (await world.AcceptAsync(new RecordLapse("credit.w2"), People.System)).Count);
        Assert.Equal(VersionStatus.Suspended, world.Version.Status);
    }

    [Fact]
    public async Task A_review_that_comes_late_brings_the_waiver_back_and_its_end_is_recorded_too()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Ask with { Emergency = true, Expires = World.Start.AddDays(20) }, People.Dana);
        await world.AcceptAsync(new ApproveWaiver(Id, Role.Owner, "Yes."), People.Olivia);
        await world.AcceptAsync(new ApproveWaiver(Id, Role.Validator, "Yes."), People.Victor);
        world.Time.Advance(TimeSpan.FromDays(6));
        Assert.Equal(WaiverStatus.Unreviewed, Lapse(await world.AcceptAsync(new RecordLapse(Id), People.System)));
        await world.AcceptAsync(new ReviewWaiver(Id, true, "Late, and right."), People.Chris);
        Assert.Equal(WaiverStatus.Active, Status(world));
        Assert.Empty(await world.AcceptAsync(new RecordLapse(Id), People.System));
        world.Time.Advance(TimeSpan.FromDays(20));
        Assert.Equal(WaiverStatus.Expired, Lapse(await world.AcceptAsync(new RecordLapse(Id), People.System)));
        Assert.Empty(await world.AcceptAsync(new RecordLapse(Id), People.System));

        static WaiverStatus Lapse(IReadOnlyList<RecordedEvent> events) => Assert.IsType<WaiverLapsed>(Assert.Single(events).Event).Cause;
    }

    private static async Task GrantAsync(World world, string id = Id)
    {
        await world.AcceptAsync(Ask, People.Dana);
        await world.AcceptAsync(new ApproveWaiver(id, Role.Owner, "Yes."), People.Olivia);
        await world.AcceptAsync(new ApproveWaiver(id, Role.Committee, "Yes."), People.Chris);
    }

    private static WaiverStatus Status(World world, DateTimeOffset? at = null) =>
        world.State.StatusOf(world.State.Waiver(Id)!, at ?? world.Time.GetUtcNow());

    private static List<JsonNode> Input(World world, DateTimeOffset? at = null, int version = 1) =>
    [
        .. GateInput.Build(
            world.State, world.State.Version(Samples.ModelId, version)!, "promote", PromotionTarget.Champion, People.Olivia, at ?? world.Time.GetUtcNow(), world.Gate)
            ["waivers"]!.AsArray().Select(w => w!),
    ];
}
