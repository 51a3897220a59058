using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

/// <summary>Which roles a command takes: every role is tried on every command, in a state where the command would otherwise be accepted.</summary>
public sealed class RoleTests
{
    private static readonly Dictionary<string, Role[]> Duties = new()
    {
        [nameof(RegisterModel)] = [Role.Developer],
        [nameof(RegisterDataset)] = [Role.Developer],
        [nameof(ConfirmTier)] = [Role.Validator],
        [nameof(StartCheckRun)] = [Role.Developer, Role.Validator],
        [nameof(PromoteVersion)] = [Role.Owner],
        [nameof(SuspendVersion)] = [Role.Owner, Role.Validator, Role.Compliance],
        [nameof(RequestErasure)] = [Role.Dpo],
        [nameof(RaiseFinding)] = [Role.Validator],
        [nameof(RequestWaiver)] = [Role.Developer, Role.Owner],
        [nameof(AddDeveloper)] = [Role.Developer, Role.Owner],
        [nameof(IssueReport)] =
            [Role.Developer, Role.Owner, Role.Validator, Role.Committee, Role.Compliance, Role.Dpo, Role.Auditor],
    };

    public static TheoryData<string, Role> EveryDuty() => [.. Duties.Keys.SelectMany(c => RoleNames.All.Select(r => (c, r)))];

    [Theory]
    [MemberData(nameof(EveryDuty))]
    public async Task A_command_takes_its_roles_and_no_other(string command, Role role)
    {
        using var world = command == nameof(SuspendVersion) ? await World.PromotedAsync() : await World.WithEvidenceAsync();

        // A subject with no other part in the model, or the registered owner's where that is needed, so that only the role decides.
        var outcome = await world.ExecuteAsync(Command(command), People.Person(command is nameof(ConfirmTier) ? "somebody-else" : "olivia", role));

        if (Duties[command].Contains(role))
        {
            Assert.IsType<CommandOutcome.Accepted>(outcome);
        }
        else
        {
            Assert.Equal((RefusalKind.Forbidden, "role-required"), Code(outcome));
        }
    }

    public static TheoryData<Role, SignOffMeaning, bool> Signatures() =>
    [
        .. from role in RoleNames.All
           from meaning in Enum.GetValues<SignOffMeaning>()
           select (role, meaning, role switch
           {
               Role.Validator or Role.Committee or Role.Compliance => meaning != SignOffMeaning.Attested,
               Role.Owner => meaning == SignOffMeaning.Attested,
               _ => false,
           }),
    ];

    [Theory]
    [MemberData(nameof(Signatures))]
    public async Task The_second_line_approves_or_rejects_and_the_owner_attests(Role role, SignOffMeaning meaning, bool allowed)
    {
        using var world = await World.WithEvidenceAsync();

        var outcome = await world.ExecuteAsync(world.SignOff(role, meaning), People.Person(role == Role.Owner ? "olivia" : "somebody-else", role));

        if (allowed)
        {
            Assert.IsType<CommandOutcome.Accepted>(outcome);
        }
        else
        {
            Assert.Equal((RefusalKind.Forbidden, "role-required"), Code(outcome));
        }
    }

    [Fact]
    public async Task One_signs_in_a_role_one_holds()
    {
        using var world = await World.WithEvidenceAsync();
        await world.RefuseAsync(world.SignOff(Role.Committee), People.Victor, "role-required");
    }

    [Theory]
    [InlineData("sign")]
    [InlineData("approve")]
    [InlineData("tier")]
    public async Task An_application_signs_and_approves_nothing_whatever_its_roles(string act)
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(new RequestErasure("e1", "objection", "S-1", "k"), People.Dora);
        var robot = People.Application("robot", [.. RoleNames.All]);
        Command command = act switch
        {
            "sign" => world.SignOff(Role.Validator),
            "approve" => new ApproveErasure("e1", Role.Compliance),
            _ => new ConfirmTier(Samples.ModelId, Tier.Two),
        };

        await world.RefuseAsync(command, robot, "role-required");
    }

    public static TheoryData<Command> OnlyTheGateway() =>
    [
        new RecordEvidence(Samples.ModelId, 1, "run-1", CheckFamily.Validation, "c", Samples.D("e"), Samples.D("r")),
        new FinishCheckRun(Samples.ModelId, 1, "run-1", 0, [], []),
        new InstallPolicy("p", "1", Samples.D("p"), Samples.D("q"), Samples.D("a")),
        new MonitorVersion(Samples.ModelId, 1, new LiveFigures(24, 0, 0, 1)),
        new AnchorInferenceLog("o", 1, "r"),
        new RaiseLiveAlert(Samples.ModelId, 1, "psi", "income", 1, 0.25, "It moved."),
        new ClearLiveAlert(Samples.ModelId, 1, "psi", "income"),
        new RecordLapse("credit.w1"),
        new RecordOverdue("credit.f1"),
        new RecordReproduction(Samples.ModelId, 1, "run-1", "c", Samples.D("e"), Samples.D("r"), true, "local", "linux"),
        new RecordScheduleFailure("revalidation", "a", "It failed.", 4),
        new RemindOfDeadline(new Core.Oversight.Deadline(Samples.ModelId, 1, Core.Oversight.Deadline.EvidenceExpires, "c", World.Start.AddDays(1))),
        new StartErasure("e1", 1, "r", []),
        new RecordErasure("e1", 1, "r", 1),
    ];

    [Theory]
    [MemberData(nameof(OnlyTheGateway), DisableDiscoveryEnumeration = true)]
    public async Task What_the_gateway_records_nobody_else_does_even_under_its_name(Command command)
    {
        using var world = await World.WithEvidenceAsync();
        await world.RefuseAsync(command, People.Person("system", [.. RoleNames.All]), "system-only");
    }

    private static Command Command(string name) => name switch
    {
        nameof(RegisterModel) => new RegisterModel(Samples.Model("other") with { Owner = "somebody" }),
        nameof(RegisterDataset) => new RegisterDataset(Samples.Dataset(DatasetUse.Training, "more")),
        nameof(ConfirmTier) => new ConfirmTier(Samples.ModelId, Tier.Two),
        nameof(StartCheckRun) => new StartCheckRun(Samples.ModelId, 1, "run-2", ["c"], 1),
        nameof(PromoteVersion) => new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion),
        nameof(SuspendVersion) => new SuspendVersion(Samples.ModelId, 1, "Drift."),
        nameof(RaiseFinding) => new RaiseFinding(Samples.ModelId, 1, "Wrong", "Very.", FindingSeverity.Low, "dana", World.Start.AddDays(1)),
        nameof(RequestWaiver) => new RequestWaiver(Samples.ModelId, 1, "test-rule", PromotionTarget.Champion, "r", "r", "c", "e", World.Start.AddDays(1)),
        nameof(AddDeveloper) => new AddDeveloper(Samples.ModelId, "devi"),
        nameof(RequestErasure) => new RequestErasure("e1", "objection", "S-1", "k"),
        _ => new IssueReport("R-1", "validation", "model/credit", Samples.D("pdf")),
    };

    private static (RefusalKind, string) Code(CommandOutcome outcome)
    {
        var refusal = Assert.IsType<CommandOutcome.Refused>(outcome).Refusal;
        return (refusal.Kind, refusal.Code);
    }
}
