using Governance.Core.Commands;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

public sealed class SignOffTests
{
    [Fact]
    public async Task A_signature_says_who_in_which_role_and_line_what_it_means_and_what_it_covers()
    {
        using var world = await World.WithEvidenceAsync();
        var events = await world.AcceptAsync(world.SignOff(Role.Validator), People.Victor);

        var signed = Assert.IsType<VersionSignedOff>(events[1].Event);
        Assert.Equal(
            ("victor", "VICTOR", "validator", 2, SignOffMeaning.Approved, world.Binding),
            (signed.Person, signed.PersonName, signed.Role, signed.Line, signed.Meaning, signed.Binding));
        Assert.Equal(World.Start, events[0].Time);
    }

    public static TheoryData<string> Ties() => ["submitted", "developer", "registered"];

    [Theory]
    [MemberData(nameof(Ties))]
    public async Task Nobody_signs_off_what_they_had_a_hand_in(string tie)
    {
        using var world = new World();
        var builder = People.Person("both", Role.Developer, Role.Validator);
        var registrar = tie == "registered" ? builder : People.Dana;
        await world.AcceptAsync(new RegisterModel(Samples.Model() with { Developers = tie == "developer" ? ["devi", "both"] : ["devi"] }), registrar);
        await world.AcceptAsync(new RegisterDataset(Samples.Dataset(DatasetUse.Training)), People.Dana);
        await world.AcceptAsync(new RegisterDataset(Samples.Dataset(DatasetUse.Evaluation)), People.Dana);
        await world.AcceptAsync(Samples.Submission(), People.Dev2);
        await world.RecordAsync("run-1", "r");

        var signer = tie == "submitted" ? People.Person("devi", Role.Validator) : builder;
        var refusal = await world.RefuseAsync(world.SignOff(Role.Validator), signer, "self-sign-off");
        Assert.Equal(Core.Decisions.RefusalKind.Forbidden, refusal.Kind);
    }

    [Fact]
    public async Task The_developer_is_told_that_it_is_their_own_before_that_the_role_is_wrong()
    {
        using var world = await World.WithEvidenceAsync();
        await world.RefuseAsync(world.SignOff(Role.Validator), People.Dana, "self-sign-off");
    }

    [Fact]
    public async Task One_person_signs_once_even_in_two_roles()
    {
        using var world = await World.WithEvidenceAsync();
        var both = People.Person("both", Role.Validator, Role.Compliance);
        await world.AcceptAsync(world.SignOff(Role.Validator), both);
        await world.RefuseAsync(world.SignOff(Role.Compliance), both, "already-signed");
        await world.AcceptAsync(world.SignOff(Role.Compliance), People.Carla);
    }

    [Theory]
    [InlineData(Role.Validator)]
    [InlineData(Role.Compliance)]
    [InlineData(Role.Committee)]
    public async Task The_owner_judges_in_no_other_role(Role role)
    {
        using var world = await World.WithEvidenceAsync();
        await world.RefuseAsync(world.SignOff(role), People.Person("olivia", Role.Owner, role), "self-sign-off");
    }

    [Fact]
    public async Task Only_the_registered_owner_attests()
    {
        using var world = await World.WithEvidenceAsync();
        await world.RefuseAsync(world.SignOff(Role.Owner, SignOffMeaning.Attested), People.Person("other", Role.Owner), "not-the-owner");
    }

    [Fact]
    public async Task What_cannot_be_signed_is_refused()
    {
        using var world = await World.WithVersionAsync();
        await world.RefuseAsync(world.SignOff(Role.Validator), People.Victor, "no-evidence");
        await world.RecordAsync("run-1", "r");
        await world.RefuseAsync(world.SignOff(Role.Validator) with { ModelId = "nothing" }, People.Victor, "model-unknown");
        await world.RefuseAsync(world.SignOff(Role.Validator) with { Version = 2 }, People.Victor, "version-unknown");
        await world.RefuseAsync(world.SignOff(Role.Validator) with { Comment = " \n" }, People.Victor, "comment-required");
        await world.RefuseAsync(world.SignOff(Role.Validator) with { Comment = new string('c', 4001) }, People.Victor, "comment-required");
        await world.RefuseAsync(world.SignOff(Role.Validator) with { Binding = Samples.D("another") }, People.Victor, "binding-changed");
        await world.RefuseAsync(world.SignOff(Role.Validator) with { Binding = default }, People.Victor, "binding-changed");
    }

    [Fact]
    public async Task New_evidence_voids_the_signature_and_the_same_result_again_does_not()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(world.SignOff(Role.Validator), People.Victor);

        await world.RecordAsync("run-2", "result 1");
        Assert.Equal("victor", Assert.Single(Valid(world)).Person);

        var stale = world.SignOff(Role.Compliance);
        await world.RecordAsync("run-3", "result 2");
        Assert.Empty(Valid(world));
        await world.RefuseAsync(stale, People.Carla, "binding-changed");
        await world.AcceptAsync(world.SignOff(Role.Validator), People.Victor);
        Assert.Single(Valid(world));
    }

    [Fact]
    public async Task Another_policy_voids_the_signature_and_the_old_one_back_restores_it()
    {
        using var world = await World.WithEvidenceAsync();
        var stale = world.SignOff(Role.Compliance);
        await world.AcceptAsync(world.SignOff(Role.Validator), People.Victor);
        var old = world.Gate;

        world.Gate = old with { Policy = Samples.D("policy 2") };
        Assert.Empty(Valid(world));
        await world.RefuseAsync(stale, People.Carla, "binding-changed");

        world.Gate = old;
        Assert.Single(Valid(world));
    }

    public static TheoryData<string> Parts() => ["model", "training data", "evaluation data", "decision rule", "evidence", "policy"];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_signature_covers_the_model_the_data_the_evidence_and_the_policy(string what)
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(world.SignOff(Role.Validator), People.Victor);

        // The same history but for one thing: the signature is on another binding there.
        var state = GovernanceState.Empty;
        foreach (var recorded in world.Store.Events)
        {
            state = state.Apply(recorded with
            {
                Event = recorded.Event switch
                {
                    VersionSubmitted e when what == "model" => e with { Version = e.Version with { Artifact = Samples.D("another") } },
                    VersionSubmitted e when what == "decision rule" => e with { Version = e.Version with { Threshold = 0.51 } },
                    DatasetRegistered { Dataset.Use: DatasetUse.Training } e when what == "training data" => new DatasetRegistered(e.Dataset with { Digest = Samples.D("another") }),
                    DatasetRegistered { Dataset.Use: DatasetUse.Evaluation } e when what == "evaluation data" => new DatasetRegistered(e.Dataset with { Digest = Samples.D("another") }),
                    EvidenceRecorded e when what == "evidence" => e with { Result = Samples.D("another") },
                    var e => e,
                },
            });
        }

        Assert.Single(Valid(world));
        Assert.Empty(state.Version(Samples.ModelId, 1)!.ValidSignOffs(state, what == "policy" ? Samples.D("another") : world.Gate.Policy));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(15, true)]
    [InlineData(16, false)]
    [InlineData(null, false)]
    public async Task A_signature_needs_a_recent_proof_of_who_signs(int? minutes, bool accepted)
    {
        using var world = await World.WithEvidenceAsync();
        var victor = People.Victor with { AuthenticatedAt = minutes is { } m ? World.Start.AddMinutes(-m) : null };
        if (accepted)
        {
            await world.AcceptAsync(world.SignOff(Role.Validator), victor);
        }
        else
        {
            await world.RefuseAsync(world.SignOff(Role.Validator), victor, "reauthentication-required");
        }
    }

    [Fact]
    public async Task How_recent_is_the_policy_s_to_say()
    {
        using var world = await World.WithEvidenceAsync();
        world.Gate = world.Gate with { Rules = new Core.Gates.WorkflowRules { SignatureMaxAge = TimeSpan.FromMinutes(5) } };
        await world.RefuseAsync(world.SignOff(Role.Validator), People.Victor with { AuthenticatedAt = World.Start.AddMinutes(-6) }, "reauthentication-required");
    }

    /// <summary>The record does not go back with the clock, but nobody signed in in the years between.</summary>
    [Fact]
    public async Task A_clock_that_was_years_ahead_for_a_while_keeps_nobody_from_signing()
    {
        using var world = await World.WithEvidenceAsync();
        world.Time.Advance(TimeSpan.FromDays(1000));
        await world.RefuseAsync(world.SignOff(Role.Validator), People.Victor with { AuthenticatedAt = World.Start }, "reauthentication-required");
        await world.RecordAsync("run-2", "result 2");
        world.Time.Advance(TimeSpan.FromDays(-1000));
        await world.AcceptAsync(world.SignOff(Role.Validator), People.Victor with { AuthenticatedAt = World.Start });
        Assert.Equal(World.Start.AddDays(1000), world.Version.SignOffs.Single().Time);
    }

    public static TheoryData<string, string> Meanwhile() => new()
    {
        { "became a developer", "self-sign-off" }, { "new evidence", "binding-changed" }, { "rejected", "version-closed" }, { "signed in another window", "already-signed" },
    };

    [Theory]
    [MemberData(nameof(Meanwhile))]
    public async Task What_another_gateway_recorded_meanwhile_is_judged_inside_the_append(string what, string code)
    {
        using var world = await World.WithEvidenceAsync();
        var command = world.SignOff(Role.Validator);
        GovernanceEvent meanwhile = what switch
        {
            "became a developer" => new DeveloperAdded(Samples.ModelId, "victor"),
            "new evidence" => new EvidenceRecorded(Samples.ModelId, 1, "run-1", "validation.discrimination", Core.Evidence.CheckFamily.Validation, Samples.D("e"), Samples.D("other")),
            "rejected" => new VersionSignedOff(Samples.ModelId, 1, "carla", "Carla", "compliance", 2, SignOffMeaning.Rejected, "No.", world.Binding),
            _ => new VersionSignedOff(Samples.ModelId, 1, "victor", "Victor", "validator", 2, SignOffMeaning.Approved, "Yes.", world.Binding),
        };
        var first = true;
        world.Store.Before = () =>
        {
            if (first)
            {
                first = false;
                world.Store.AppendFromElsewhere("model/" + Samples.ModelId, World.Start, meanwhile);
            }

            return null;
        };

        var outcome = await world.ExecuteAsync(command, People.Victor);

        Assert.Equal(code, Assert.IsType<Core.Decisions.CommandOutcome.Refused>(outcome).Refusal.Code);
        Assert.DoesNotContain(world.Version.SignOffs, s => s.Comment == command.Comment);
    }

    [Fact]
    public async Task A_person_who_joins_the_developers_cannot_sign_and_nobody_leaves_them()
    {
        using var world = await World.WithEvidenceAsync();
        await world.RefuseAsync(new AddDeveloper(Samples.ModelId, "victor"), People.Victor, "role-required");
        await world.RefuseAsync(new AddDeveloper(Samples.ModelId, "victor"), People.Dev2, "not-a-developer");
        await world.RefuseAsync(new AddDeveloper(Samples.ModelId, "olivia"), People.Olivia, "owner-is-developer");
        await world.RefuseAsync(new AddDeveloper(Samples.ModelId, "a\nb"), People.Olivia, "invalid-person");
        await world.AcceptAsync(new AddDeveloper(Samples.ModelId, "victor"), People.Olivia);
        await world.RefuseAsync(new AddDeveloper(Samples.ModelId, "victor"), People.Dana, "already-a-developer");
        await world.RefuseAsync(world.SignOff(Role.Validator), People.Victor, "self-sign-off");
    }

    [Fact]
    public async Task A_rejection_closes_the_version_for_good()
    {
        using var world = await World.WithEvidenceAsync();
        await world.AcceptAsync(world.SignOff(Role.Validator, SignOffMeaning.Rejected), People.Victor);

        Assert.Equal((VersionStatus.Rejected, "Looked at the evidence."), (world.Version.Status, world.Version.StatusReason));
        await world.RefuseAsync(world.SignOff(Role.Compliance), People.Carla, "version-closed");
        await world.RefuseAsync(new PromoteVersion(Samples.ModelId, 1, PromotionTarget.Champion), People.Olivia, "version-closed");
        await world.RefuseAsync(new StartCheckRun(Samples.ModelId, 1, "run-9", ["c"], 1), People.Victor, "version-rejected");
    }

    [Fact]
    public async Task A_version_that_serves_is_suspended_not_rejected()
    {
        using var world = await World.PromotedAsync();
        await world.RefuseAsync(world.SignOff(Role.Validator, SignOffMeaning.Rejected), People.Victor, "version-serving");
        Assert.Equal(VersionStatus.Promoted, world.Version.Status);
    }

    private static List<SignOffState> Valid(World world) => [.. world.Version.ValidSignOffs(world.State, world.Gate.Policy)];
}
