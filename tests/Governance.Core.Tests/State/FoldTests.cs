using FsCheck;
using FsCheck.Fluent;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.State;

/// <summary>Random commands by random people: whatever is accepted, the record alone gives the state, and nobody judged their own work.</summary>
public sealed class FoldTests
{
    private static readonly Caller[] Callers =
    [
        People.Dana, People.Dev2, People.Victor, People.Carla, People.Chris, People.Olivia, People.Dora, People.System,
        People.Person("allround", [.. RoleNames.All]), People.Application("robot", [.. RoleNames.All]),
    ];

    /// <summary>Positions in <see cref="Callers"/> of those whose duty a kind of command is.</summary>
    private static readonly int[][] Usual = [[0, 1], [2], [0], [0, 2], [7], [7], [5], [2], [3, 4], [5], [2, 5], [3, 5, 6], [7], [7], [2], [0, 5], [2, 3, 4], [0, 5], [3, 4, 5, 2], [3, 4, 6], [4], [7], [5], [2, 4, 5], [0]];

    private static readonly string[] Models = ["credit", "fraud"];

    private sealed record Act(int Kind, int Model, int Version, int Caller, int Choice)
    {
        public override string ToString() => $"{Kind}/{Callers[Caller].Subject}/{Models[Model]}/{Version}/{Choice}";
    }

    private static Arbitrary<Act[]> Acts() =>
        (from kind in Gen.Choose(0, 24)
         from model in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Constant(1)))
         from version in Gen.Frequency((6, Gen.Constant(1)), (3, Gen.Constant(2)), (1, Gen.Constant(3)))
         from caller in Gen.Frequency((1, Gen.Choose(0, Callers.Length - 1)), (2, Gen.Elements(Usual[kind])))
         from choice in Gen.Choose(0, 3)
         select new Act(kind, model, version, caller, choice)).ArrayOf().Resize(120).ToArbitrary();

    [Fact]
    public void Replaying_the_record_gives_the_same_state_and_the_invariants_hold()
    {
        var accepted = 0;
        Prop.ForAll(Acts(), acts =>
        {
            using var world = World.WithEvidenceAsync().GetAwaiter().GetResult();
            foreach (var act in acts)
            {
                world.Gate = act.Choice == 3 && act.Kind == 6 ? TestGate.Denies : TestGate.Allows;
                var caller = Callers[act.Caller];
                accepted += world.ExecuteAsync(Command(world, act), caller).GetAwaiter().GetResult() is CommandOutcome.Accepted ? 1 : 0;
                world.Time.Advance(TimeSpan.FromMinutes(act.Choice - 1));
            }

            Check(world);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
        Assert.True(accepted > 500, $"The random commands must do something; {accepted} were accepted.");
    }

    private static void Check(World world)
    {
        var events = world.Store.Events;
        var replayed = events.Aggregate(GovernanceState.Empty, (s, e) => s.Apply(e));
        Assert.Equal(GovernanceJson.Serialize(world.State), GovernanceJson.Serialize(replayed));
        Assert.All(events.Zip(events.Skip(1)), p => Assert.True(p.First.Time <= p.Second.Time));
        Assert.All(events.GroupBy(e => e.Stream), s => Assert.Equal(Enumerable.Range(1, s.Count()).Select(i => (long)i), s.Select(e => e.Version)));
        foreach (var model in world.State.Models.Values)
        {
            Assert.DoesNotContain(model.Registration.Owner, model.Registration.Developers);
            Assert.InRange(model.Versions.Values.Count(v => v.Status == VersionStatus.Promoted), 0, 1);
            foreach (var version in model.Versions.Values)
            {
                Assert.All(version.SignOffs, s =>
                {
                    Assert.NotEqual(version.SubmittedBy, s.Person);
                    Assert.NotEqual(model.RegisteredBy, s.Person);
                    Assert.DoesNotContain(s.Person, model.Registration.Developers);
                    Assert.NotEqual("robot", s.Person);
                });
            }
        }

        foreach (var waiver in world.State.Models.Values.SelectMany(m => m.Waivers.Values))
        {
            var model = world.State.Models[waiver.Request.ModelId];
            Assert.Equal("test-rule", waiver.Request.Rule);
            Assert.Equal(waiver.Approvals.Count, waiver.Approvals.Select(a => a.Person).Distinct().Count());
            Assert.DoesNotContain(waiver.Approvals, a => a.Person == waiver.RequestedBy || a.Person == model.RegisteredBy
                || a.Person == model.Versions[waiver.Request.Version].SubmittedBy || a.Person == "robot");
            Assert.True(!waiver.Approved || waiver.Approvals.Select(a => a.Line).Distinct().Count() >= 2);
            var status = world.State.StatusOf(waiver, world.Time.GetUtcNow());
            Assert.True(status != WaiverStatus.Active || (waiver.Approved && world.Time.GetUtcNow() < waiver.Request.Expires && waiver.Revoked is null));
        }

        Assert.All(world.State.Models.Values.SelectMany(m => m.Findings.Values).Where(f => f.Status == FindingStatus.Closed), f =>
        {
            var closer = f.Notes[^1].Person;
            Assert.NotEqual(f.Raised.Owner, closer);
            Assert.NotEqual("robot", closer);
            Assert.Contains(f.Notes, n => n.Made == FindingStatus.Answered && n.Person == f.Raised.Owner);
            Assert.True(f.Raised.Severity != FindingSeverity.Critical || f.RaisedBy != closer);
        });
        Assert.All(world.State.Routes.Values.Where(r => !r.Suspended), r => Assert.Equal(VersionStatus.Promoted, world.State.Version(r.ModelId, r.Version)!.Status));
        Assert.All(world.State.Models.Values.SelectMany(m => m.Versions.Values), v =>
            Assert.Equal(v.Status == VersionStatus.Canary, world.State.SettingsOf(v.ModelId).Canary?.Version == v.Number));
        Assert.All(world.State.Erasures.Values, e =>
        {
            Assert.DoesNotContain(e.Approvals, a => a.Person == e.RequestedBy || a.Person == "robot");
            Assert.Equal(e.Approvals.Count, e.Approvals.Select(a => a.Person).Distinct().Count());
            Assert.Equal(e.Approvals.Count, e.Approvals.Select(a => a.Role).Distinct().Count());
            Assert.True(e.Executed is null || (e.Started is not null && e.Approvals.Count == 2));
        });
    }

    private static Command Command(World world, Act act)
    {
        var (id, number, run, erasure) = (Models[act.Model], act.Version, "run-" + act.Choice, "e" + act.Choice);
        var binding = world.State.Version(id, number)?.Binding(world.State, world.Gate.Policy) ?? default;
        return act.Kind switch
        {
            0 => new RegisterModel(Samples.Model(id) with { Developers = act.Choice == 0 ? ["victor"] : [] }),
            1 => new ConfirmTier(id, (Tier)(act.Choice % 3 + 1)),
            2 => Samples.Submission("model " + act.Choice, id),
            3 => new StartCheckRun(id, number, run, ["validation.discrimination"], act.Choice),
            4 => new RecordEvidence(id, number, run, CheckFamily.Validation, "validation.discrimination", Samples.D("e"), Samples.D("r" + act.Choice)),
            5 => new FinishCheckRun(id, number, run, 1, [], []),
            6 => new PromoteVersion(id, number, PromotionTarget.Champion),
            7 => new SignOffVersion(id, number, Role.Validator, act.Choice == 3 ? SignOffMeaning.Rejected : SignOffMeaning.Approved, "Seen.", binding),
            8 => new SignOffVersion(id, number, act.Choice % 2 == 0 ? Role.Compliance : Role.Committee, SignOffMeaning.Approved, "Seen.", binding),
            9 => new SignOffVersion(id, number, Role.Owner, SignOffMeaning.Attested, "Mine.", binding),
            10 => new SuspendVersion(id, number, "Drift."),
            11 => world.State.Erasures.ContainsKey(erasure) ? new ApproveErasure(erasure, act.Version == 1 ? Role.Owner : Role.Compliance)
                : new RequestErasure(erasure, "objection", "S-1", "k"),
            12 => new StartErasure(erasure, 1, "r", []),
            13 => new RecordErasure(erasure, 1, "r", 2),
            14 => new RaiseFinding(id, number, "Wrong", "Very.", (FindingSeverity)act.Choice, act.Choice < 2 ? "dana" : "olivia", world.Time.GetUtcNow().AddMinutes(9)),
            15 => new AnswerFinding($"{id}.f{number}", "Done."),
            16 => act.Choice == 0 ? new ReopenFinding($"{id}.f{number}", "No.", world.Time.GetUtcNow().AddMinutes(9)) : new CloseFinding($"{id}.f{number}", Closer(act), "Seen."),
            17 => new RequestWaiver(id, 1, act.Choice == 3 ? "firm-rule" : "test-rule", PromotionTarget.Champion, "r", "r", "c", "e", world.Time.GetUtcNow().AddMinutes(20), act.Choice == 1),
            18 => new ApproveWaiver($"{id}.w{number}", Callers[act.Caller].Roles.FirstOrDefault(), "Yes."),
            19 => act.Choice == 0 ? new DenyWaiver($"{id}.w{number}", Role.Compliance, "No.") : new RevokeWaiver($"{id}.w{number}", "No."),
            20 => new ReviewWaiver($"{id}.w{number}", act.Choice > 0, "Seen."),
            21 => act.Choice % 2 == 0 ? new RecordLapse($"{id}.w{number}") : new RecordOverdue($"{id}.f{number}"),
            22 => new StartCanary(id, number, PromotionTarget.Champion, 1 + (act.Choice * 20)),
            23 => act.Choice switch { 0 => new StopCanary(id, "Slow."), 1 => new StopRoute(id, "Wrong."), 2 => new StartRoute(id, "Mended."), _ => new ConfigureRoute(id, new RouteSettings { Shadows = [number] }) },
            _ => new RenewWaiver($"{id}.w{number}", "Longer.", world.Time.GetUtcNow().AddMinutes(40)),
        };
    }

    private static Role Closer(Act act) => Callers[act.Caller].Is(Role.Compliance) ? Role.Compliance : Callers[act.Caller].Is(Role.Committee) ? Role.Committee : Role.Validator;
}
