using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Policy.Gates;
using Governance.Policy.Tests.Gates;

namespace Governance.Policy.Tests.Workflow;

/// <summary>People at work under a real policy: commands decided on the folded state, without a store. One thread.</summary>
internal sealed class Office(PolicyPack pack)
{
    public const string Model = "loans";

    private readonly Dictionary<string, long> streams = new(StringComparer.Ordinal);

    /// <summary>The starter pack's rules about people (release), with its parameters.</summary>
    public static PolicyPack People { get; } = WithParameters("");

    public GovernanceState State { get; private set; } = GovernanceState.Empty;

    public DateTimeOffset Now { get; set; } = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public IGate Gate => new PackGate(pack);

    public VersionState Version => State.Version(Model, 1)!;

    /// <summary>The same with more parameters, as YAML items.</summary>
    public static PolicyPack WithParameters(string more)
    {
        var files = StarterPack.Files();
        return PolicyPack.Parse(
        [
            new("pack.yaml", files["pack.yaml"]), new("params.yaml", files["params.yaml"].TrimEnd() + "\n" + more), new("release.yaml", files["release.yaml"]),
            new("bindings.yaml", "apiVersion: governance/v1\nkind: Binding\nmetadata: {name: people}\nspec:\n  policy: release\n  gates: [promote]\n"),
        ]).Require();
    }

    public static Caller Person(string subject, params ReadOnlySpan<Role> roles) => new()
    {
        Subject = subject, Name = subject, Kind = CallerKind.Person, Roles = RoleSet.Of(roles), TokenId = "t", ExpiresAt = DateTimeOffset.MaxValue,
        AuthenticatedAt = DateTimeOffset.MaxValue,
    };

    public Refusal? Do(Command command, Caller caller)
    {
        var decision = command.Decide(new DecisionContext(State, caller, Now, Gate));
        foreach (var e in decision.Events)
        {
            var version = streams[command.Stream] = streams.GetValueOrDefault(command.Stream) + 1;
            State = State.Apply(new RecordedEvent { Position = State.Position, Stream = command.Stream, Version = version, Time = Now, Actor = caller.Subject, Event = e });
        }

        return decision.Refusal;
    }

    public void Must(Command command, Caller caller) => Assert.Null(Do(command, caller));

    /// <summary>Two datasets of dana's.</summary>
    public Office WithData()
    {
        foreach (var use in Enum.GetValues<DatasetUse>())
        {
            Must(new RegisterDataset(new DatasetRegistration
            {
                Id = use.ToString().ToLowerInvariant(), Name = "Data", Use = use, Digest = D("data " + use), SchemaDigest = D("schema"), Rows = 100, Features = ["income"],
                Label = "y", Protected = new Dictionary<string, string>(), LegalBasis = "contract", RetentionMonths = 12,
            }), Person("dana", Role.Developer));
        }

        return this;
    }

    /// <summary>A checked version 1, by dana, of a model that olivia owns.</summary>
    public Office WithVersion(Tier tier)
    {
        WithData();
        var dana = Person("dana", Role.Developer);
        Must(Registration(tier, "olivia"), dana);
        Must(new ConfirmTier(Model, tier), Person("victor", Role.Validator));
        Must(Submission(), dana);
        Must(new StartCheckRun(Model, 1, "run", ["c"], 1), dana);
        Must(Evidence("r"), SystemCaller.Instance);
        return this;
    }

    public static RegisterModel Registration(Tier tier, string owner) => new(new ModelRegistration
    {
        Id = Model, Name = "Loans", Use = "Credit", Tier = tier, Owner = owner, Developers = [], Jurisdictions = ["EU"], Automation = Automation.Assisted,
    });

    public static SubmitVersion Submission() => new(Model, D("model"), "First", ["income"], "training", "evaluation", 0.5, 0);

    public static RecordEvidence Evidence(string result, string run = "run") => new(Model, 1, run, CheckFamily.Validation, "c", D("e" + result), D(result));

    public SignOffVersion SignOff(Role role) => new(
        Model, 1, role, role == Role.Owner ? SignOffMeaning.Attested : SignOffMeaning.Approved, "Looked.", State.Version(Model, 1)?.Binding(State, Gate.Policy) ?? default);

    public GateDecision Evaluate(DateTimeOffset at) => GateEvaluator.Evaluate(pack, "promote", Input(at), TestContext.Current.CancellationToken);

    public JsonObject Input(DateTimeOffset at) =>
        Core.Gates.GateInput.Build(State, Version, "promote", PromotionTarget.Champion, Person("olivia", Role.Owner), at, Gate);

    private static Digest D(string text) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>What the gateway gives to commands, over a log that verifies.</summary>
    private sealed class PackGate(PolicyPack pack) : IGate
    {
        public Digest Policy => pack.Identity;

        public AuditStatus Audit => new(true, 1, 1);

        public GateDecision Evaluate(string gate, JsonObject input) => GateEvaluator.Evaluate(pack, gate, input);

        public ReadOnlyMemory<byte> Canonical(JsonObject input) => GateEvaluator.Canonical(input);

        public RuleTerms? Rule(string id) => pack.Terms(id);

        public WorkflowRules Workflow(Tier tier) => pack.Workflow(tier);

        public VerifiedEvidence? Evidence(Digest envelope) => null;
    }
}
