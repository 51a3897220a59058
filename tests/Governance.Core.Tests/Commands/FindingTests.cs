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

public sealed class FindingTests
{
    private const string Id = "credit.f1";

    private static readonly DateTimeOffset Due = World.Start.AddDays(30);

    private static readonly RaiseFinding Raise =
        new(Samples.ModelId, 1, "Overfits", "AUC falls by 0.06 out of time.", FindingSeverity.High, "dana", Due, "test-rule", Samples.D("envelope result 1"));

    private static FindingState Finding(World world) => world.State.Finding(Id)!;

    [Fact]
    public async Task From_raising_to_a_closure_somebody_else_verified()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Raise, People.Victor);
        Assert.Equal((FindingStatus.Open, "victor", Due), (Finding(world).Status, Finding(world).RaisedBy, Finding(world).Due));

        await world.RefuseAsync(new CloseFinding(Id, Role.Validator, "Seen."), People.Victor, "finding-unanswered");
        await world.AcceptAsync(new AnswerFinding(Id, "Retrained."), People.Dana);
        await world.AcceptAsync(new CloseFinding(Id, Role.Validator, "Replicated."), People.Victor);
        Assert.Equal(FindingStatus.Closed, Finding(world).Status);

        await world.RefuseAsync(new AnswerFinding(Id, "More."), People.Dana, "finding-closed");
        await world.AcceptAsync(new ReopenFinding(Id, "It is back.", Due.AddDays(30)), People.Carla);
        Assert.Equal((FindingStatus.Open, Due.AddDays(30)), (Finding(world).Status, Finding(world).Due));
        Assert.Equal([FindingStatus.Answered, FindingStatus.Closed, FindingStatus.Open], Finding(world).Notes.Select(n => n.Made));
    }

    [Theory]
    [InlineData("owner", "self-closure")]
    [InlineData("developer", "not-independent")]
    [InlineData("raiser of a critical one", "second-person-closes")]
    [InlineData("application", "role-required")]
    [InlineData("stale", "reauthentication-required")]
    [InlineData("without auth_time", "reauthentication-required")]
    public async Task Who_may_not_verify_a_closure(string who, string code)
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Raise with { Severity = FindingSeverity.Critical, Owner = "mender" }, People.Victor);
        await world.AcceptAsync(new AnswerFinding(Id, "Retrained."), People.Person("mender", Role.Developer));
        var closer = who switch
        {
            "owner" => People.Person("mender", Role.Validator),
            "developer" => People.Person("dana", Role.Validator),
            "raiser of a critical one" => People.Victor,
            "application" => People.Application("robot", Role.Validator),
            "stale" => People.Person("vera", Role.Validator) with { AuthenticatedAt = World.Start.AddMinutes(-16) },
            _ => People.Person("vera", Role.Validator) with { AuthenticatedAt = null },
        };

        await world.RefuseAsync(new CloseFinding(Id, Role.Validator, "Seen."), closer, code);

        await world.AcceptAsync(new CloseFinding(Id, Role.Validator, "Seen."), People.Person("vera", Role.Validator));
    }

    [Fact]
    public async Task What_cannot_be_raised_is_refused_with_every_fault()
    {
        using var world = await World.WithEvidenceAsync();
        var refusal = await world.RefuseAsync(
            new RaiseFinding(Samples.ModelId, 1, "two\nlines", " ", FindingSeverity.Low, "victor", World.Start, "no-such-rule", Samples.D("no evidence")),
            People.Victor, "invalid-finding");
        Assert.Equal(6, refusal.Faults.Count);
        await world.RefuseAsync(Raise, People.Dana, "role-required");
        await world.RefuseAsync(Raise, People.Application("robot", Role.Validator), "role-required");
        await world.RefuseAsync(Raise with { Version = 2 }, People.Victor, "version-unknown");
        await world.RefuseAsync(Raise with { ModelId = "nothing" }, People.Victor, "model-unknown");
        await world.RefuseAsync(Raise with { Due = World.Start.AddYears(4) }, People.Victor, "invalid-finding");
        foreach (var id in new[] { "credit.f9", "credit", "", ".", "nothing.f1", "credit.w1" })
        {
            await world.RefuseAsync(new AnswerFinding(id, "Yes."), People.Dana, "finding-unknown");
        }
    }

    [Fact]
    public async Task Only_its_owner_answers_and_only_the_second_line_reopens()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Raise, People.Victor);
        await world.RefuseAsync(new AnswerFinding(Id, "Mine."), People.Dev2, "not-the-owner");
        await world.RefuseAsync(new AnswerFinding(Id, "Mine.", Samples.D("elsewhere")), People.Dana, "evidence-unknown");
        await world.RefuseAsync(new ReopenFinding(Id, "Why not.", Due), People.Victor, "finding-open");
        await world.AcceptAsync(new AnswerFinding(Id, "Done."), People.Dana);
        await world.RefuseAsync(new ReopenFinding(Id, "Why not.", Due), People.Dana, "role-required");
        await world.AcceptAsync(new ReopenFinding(Id, "Not enough.", Due), People.Victor);
    }

    [Fact]
    public async Task It_holds_for_later_versions_and_not_for_earlier_ones()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Samples.Submission("model 2"), People.Dana);
        await world.AcceptAsync(Samples.Submission("model 3"), People.Dana);
        await world.AcceptAsync(Raise with { Version = 2, Severity = FindingSeverity.Critical, Evidence = null }, People.Victor);

        Assert.Equal((0, 1, 1), (Critical(world, 1), Critical(world, 2), Critical(world, 3)));
        await world.AcceptAsync(new AnswerFinding(Id, "Done."), People.Dana);
        Assert.Equal(1, Critical(world, 3));
        await world.AcceptAsync(new CloseFinding(Id, Role.Compliance, "Seen."), People.Carla);
        Assert.Equal((0, 0), (Critical(world, 2), Critical(world, 3)));
    }

    [Fact]
    public async Task Overdue_is_a_matter_of_the_clock_and_recorded_once()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(Raise, People.Victor);
        Assert.Empty(Alerts.Due(world.State, Due));
        await world.AcceptAsync(new RecordOverdue(Id), People.System);
        Assert.False(Finding(world).OverdueRecorded);

        world.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(AlertKind.FindingOverdue, Assert.Single(Alerts.At(world.State, world.Time.GetUtcNow())).Kind);
        var command = Assert.IsType<RecordOverdue>(Assert.Single(Alerts.Due(world.State, world.Time.GetUtcNow())));
        Assert.IsType<FindingOverdue>(Assert.Single(await world.AcceptAsync(command, People.System)).Event);
        Assert.Empty(Alerts.Due(world.State, world.Time.GetUtcNow()));
        Assert.Empty(await world.AcceptAsync(command, People.System));
        await world.RefuseAsync(command, People.Victor, "system-only");
    }

    [Fact]
    public async Task A_finding_raised_elsewhere_meanwhile_is_seen_by_the_promotion()
    {
        using var world = await World.WithEvidenceAsync();
        world.Gate = world.Gate with { BlockOnCritical = true };
        var first = true;
        world.Store.Before = () =>
        {
            if (first)
            {
                first = false;
                world.Store.AppendFromElsewhere("model/" + Samples.ModelId, World.Start, new FindingRaised(
                    Samples.ModelId, Id, 1, "Wrong", "Very.", FindingSeverity.Critical, "dana", Due, null, null, "Vera"));
            }

            return null;
        };

        await world.RefuseAsync(new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion), People.Olivia, "gate-denied", recorded: true);
        Assert.Empty(world.State.Routes);
    }

    private static int Critical(World world, int version) => GateInput.Build(
        world.State, world.State.Version(Samples.ModelId, version)!, "promote", PromotionTarget.Champion, People.Olivia, world.Time.GetUtcNow(), world.Gate)["finding_counts"]!["critical"]!
        .GetValue<int>();
}
