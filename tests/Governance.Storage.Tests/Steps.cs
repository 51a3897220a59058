using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Storage.Tests;

/// <summary>The first steps of a model up to its first promotion: eight events, two of them decisions of a gate.</summary>
internal static class Steps
{
    /// <summary>How many events the steps leave.</summary>
    public const int Events = 8;

    public static async Task RunAsync(Governor governor, CancellationToken cancellationToken)
    {
        var digest = Digest.Of("x"u8);
        foreach (var (command, caller) in new (Command, Caller)[]
        {
            (new RegisterModel(new ModelRegistration
            {
                Id = "credit", Name = "Credit", Use = "Credit", Tier = Tier.One, Owner = "olivia", Developers = [], Jurisdictions = ["EU"], Automation = Automation.Sole,
            }), Person("dana", Role.Developer)),
            (new RegisterDataset(Dataset(DatasetUse.Training)), Person("dana", Role.Developer)),
            (new RegisterDataset(Dataset(DatasetUse.Evaluation)), Person("dana", Role.Developer)),
            (new SubmitVersion("credit", digest, "First", ["income"], "training", "evaluation", 0.5, 0), Person("dana", Role.Developer)),
            (new RequestErasure("e1", "objection", "S-1", "k"), Person("dora", Role.Dpo)),
            (new PromoteVersion("credit", 1, PromotionTarget.Champion), Person("olivia", Role.Owner)),
        })
        {
            var key = new RequestKey(command.GetType().Name + command.Stream.Replace('/', '-'), digest);
            Assert.IsType<CommandOutcome.Accepted>(await governor.ExecuteAsync(command, caller, new Open(), key, cancellationToken));
        }
    }

    private static DatasetRegistration Dataset(DatasetUse use) => new()
    {
        Id = use.ToString().ToLowerInvariant(), Name = "Data", Use = use, Digest = Digest.Of("d"u8), SchemaDigest = Digest.Of("s"u8), Rows = 1,
        Features = ["income"], Label = "bad", Protected = new Dictionary<string, string>(), LegalBasis = "contract", RetentionMonths = 12,
    };

    private static Caller Person(string subject, Role role) => new()
    {
        Subject = subject, Name = subject, Kind = CallerKind.Person, Roles = RoleSet.Of(role), TokenId = "t", ExpiresAt = DateTimeOffset.MaxValue, AuthenticatedAt = DateTimeOffset.MaxValue,
    };

    /// <summary>Lets everything through.</summary>
    private sealed class Open : IGate
    {
        public Digest Policy => Digest.Of("policy"u8);

        public AuditStatus Audit => new(true, 0, 0);

        public VerifiedEvidence? Evidence(Digest envelope) => null;

        public RuleTerms? Rule(string id) => null;

        public WorkflowRules Workflow(Core.Inventory.Tier tier) => new();

        public GateDecision Evaluate(string gate, JsonObject input) => new()
        {
            Gate = gate, Status = GateStatus.Allowed, Policy = "open", PolicyDigest = Policy, ParamsDigest = Policy, InputDigest = Digest.Of(GovernanceJson.Serialize(input)),
            Rules = [],
        };
    }
}
