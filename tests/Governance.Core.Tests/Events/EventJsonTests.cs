using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Events;

public sealed class EventJsonTests
{
    /// <summary>A life of one model and one erasure in which every kind of event happens.</summary>
    private static readonly GovernanceEvent[] Life =
    [
        new PolicyPublished("starter", "1.0.0", Samples.D("policy"), Samples.D("params")),
        new PolicyInstalled("starter", "1.0.0", Samples.D("policy"), Samples.D("params"), Samples.D("archive")),
        new PolicyProposed(
            "p1", "starter", "1.1.0", Samples.D("policy 2"), Samples.D("params"), Samples.D("archive 2"), new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), "Limits.", 3,
            0.9, Samples.D("dry run")),
        new PolicyApproved("p1", "carla", "Carla", "Looked at the dry run."),
        new PolicyWithdrawn("p1", "Wrong date."),
        new ModelRegistered(Samples.Model() with { Developers = ["dana"] }),
        new TierConfirmed(Samples.ModelId, Tier.One),
        new DatasetRegistered(Samples.Dataset(DatasetUse.Training)),
        new DatasetRegistered(Samples.Dataset(DatasetUse.Evaluation) with { SubjectId = null }),
        new DatasetRegistered(Samples.InParts("evaluation-2", [Samples.D("evaluation"), Samples.D("more")], new DatasetOrigin([Samples.D("evaluation")], "rows appended", Samples.D("program"))) with
        {
            Levels = Samples.D("levels"),
        }),
        new VersionSubmitted(Samples.ModelId, new VersionSubmission
        {
            Number = 1, Artifact = Samples.D("model"), Description = "First «ü»\n", Features = ["income"], TrainingDataset = "training",
            EvaluationDataset = "evaluation", Threshold = 0.1 + 0.2, FavourablePrediction = 0, ReferenceScore = "score",
        }),
        new CheckRunStarted(Samples.ModelId, 1, "run-1", ["a", "b"], long.MinValue),
        new EvidenceRecorded(Samples.ModelId, 1, "run-1", "a", CheckFamily.Privacy, Samples.D("envelope"), Samples.D("result")),
        new CheckRunFinished(Samples.ModelId, 1, "run-1", 1, [new CheckNotRun("b", "No groups.")], []),
        new CheckRunStarted(Samples.ModelId, 1, "run-2", ["a"], 7, true),
        new CheckRunStarted(Samples.ModelId, 1, "run-3", ["a"], 7, null, new RunSettings
        {
            Champion = 1, Previous = 1, Alternatives = [1, 3], FeatureRules = Samples.D("rules"), Parameters = [new ParameterSetting("a", "bins", 20)],
        }),
        new CheckRunCancelled(Samples.ModelId, 1, "run-2"),
        new CheckRunStarted(Samples.ModelId, 1, "run-4", ["a"], 7, null, Options: new RunOptions
        {
            Priority = RunPriority.High, Deadline = World.Start.AddDays(1), Engine = "slurm", Reproduces = Samples.D("envelope"),
        }),
        new EvidenceReproduced(Samples.ModelId, 1, "run-4", "a", Samples.D("envelope"), Samples.D("comparison"), true, "slurm", "linux"),
        new CheckRunFinished(Samples.ModelId, 1, "run-4", 0, [], [], 1.5, "Too late."),
        new DocumentAttached(Samples.ModelId, 1, DocumentKind.ReasonCatalogue, "Reasons", Samples.D("file"), World.Start.AddDays(365), "compliance", ["income"]),
        new GateEvaluated(Samples.ModelId, 1, PromotionTarget.Champion, TestGate.Denies.Evaluate("promote", [])),
        new GateDecided(
            Samples.ModelId, 1, "promote", PromotionTarget.Champion, GateStatus.Denied, Samples.D("policy"), Samples.D("params"), Samples.D("input"), Samples.D("document"),
            ["test-rule"], []),
        new VersionSignedOff(Samples.ModelId, 1, "victor", "Victor", "validator", 2, SignOffMeaning.Approved, "Good.", Samples.D("binding")),
        new VersionPromoted(Samples.ModelId, 1, Samples.ModelId, PromotionTarget.Champion, null, Samples.D("decision")),
        new CanaryStarted(Samples.ModelId, 1, Samples.ModelId, PromotionTarget.Champion, 5, "salt", Samples.D("decision 2")),
        new CanaryMoved(Samples.ModelId, 1, 25),
        new RouteConfigured(Samples.ModelId, new RouteSettings
        {
            PinnedVersion = 1, Shadows = [2, 3], Audit = AuditMode.AsyncBounded, Review = new ReviewRule(ReviewWhen.NearCutoff, 0.05), Reasons = new ReasonRule(ReasonsWhen.Adverse),
            Upstream = "triton", Limits = new RouteLimits(100, 50, 8), Rollback = new RollbackRule(200, 0.01, null, 250),
        }),
        new RouteConfigured(Samples.ModelId, new RouteSettings
        {
            Pipeline = new RoutePipeline
            {
                Pre = [new FeatureStep("income", new Impute(-1, 0.5), new Bounds(0, 9), new Scaling(3, 2))],
                Members = [new PipelineMember("fraud", 2), new PipelineMember(Upstream: "bureau")], Ensemble = new Ensemble(EnsembleKind.Majority, null, [0.5, 0.4, 0.6]),
                Post = [new PostStep(new Platt(-2, 1)), new PostStep(Isotonic: new Isotonic([0, 1], [0.1, 0.9])), new PostStep(Clamp: new Bounds(0.2, 0.8))],
            },
        }),
        new CanaryStopped(Samples.ModelId, 1, "Slow."),
        new RouteStopped(Samples.ModelId, "Wrong."),
        new RouteStarted(Samples.ModelId, "Mended."),
        new VersionSuspended(Samples.ModelId, 1, "Drift.", "psi-max"),
        new DeveloperAdded(Samples.ModelId, "devi"),
        new FindingRaised(Samples.ModelId, "credit.f1", 1, "Title", "What.", FindingSeverity.High, "dana", World.Start.AddDays(9), null, Samples.D("envelope"), "Victor"),
        new FindingOverdue(Samples.ModelId, "credit.f1", World.Start.AddDays(9)),
        new FindingAnswered(Samples.ModelId, "credit.f1", "dana", "Dana", "Mended.", null),
        new FindingClosed(Samples.ModelId, "credit.f1", "victor", "Victor", "validator", "Seen."),
        new FindingReopened(Samples.ModelId, "credit.f1", "victor", "Victor", "Not mended.", World.Start.AddDays(20)),
        .. new[] { "credit.w1", "credit.w2", "credit.w3" }.Select(id => new WaiverRequested(
            Samples.ModelId, id, 1, "test-rule", PromotionTarget.Champion, "r", "r", "c", "e", World.Start.AddDays(30), 1, id == "credit.w2", null, ["a"],
            Samples.D("covers"), "Dana")),
        new WaiverApproved(Samples.ModelId, "credit.w1", "olivia", "Olivia", "owner", 1, "Yes.", true, null),
        new WaiverLapsed(Samples.ModelId, "credit.w1", 1, WaiverStatus.Expired, true),
        new WaiverRevoked(Samples.ModelId, "credit.w1", "olivia", "Olivia", "Mended."),
        new WaiverReviewed(Samples.ModelId, "credit.w2", "chris", "Chris", true, "Fine."),
        new WaiverDenied(Samples.ModelId, "credit.w3", "carla", "Carla", "compliance", "No."),
        new ErasureRequested("e1", "objection", "S-1", "key"),
        new ErasureApproved("e1", "carla", "Carla", "compliance"),
        new ErasureStarted("e1", 3, "root", [new DatasetHolding("training", 2)]),
        new ErasureExecuted("e1", 3, "root", 4),
        new PayloadKeyRolled("example.test/inference", "local-2", 5, ["local-1"]),
        new PayloadKeysDestroyed("example.test/inference", ["local-1"], "file-overwritten"),
        new ErasureFinalised("e1", 5),
        new ReportIssued("R-1", "validation", "model/credit", Samples.D("pdf")),
        new LiveAlertRaised(Samples.ModelId, 1, "psi", "income", 0.31, 0.25, "The feature income moved."),
        new LiveAlertCleared(Samples.ModelId, 1, "psi", "income"),
        new InferenceLogAnchored("example.test/inference", 7, "root"),
        new SchedulePaused("revalidation", "The cluster is moved."),
        new ScheduleResumed("revalidation"),
        new ScheduleFailed("revalidation", "a", "It failed.", 4),
        new DeadlineReminded(Samples.ModelId, 1, "evidence-expires", "a", World.Start.AddDays(365)),
    ];

    public static TheoryData<string> Kinds() =>
        [.. typeof(GovernanceEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(GovernanceEvent))).Select(t => t.Name).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_a_versioned_name_a_place_in_the_life_and_reads_back_equal(string kind)
    {
        var name = typeof(GovernanceEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Single(a => a.DerivedType.Name == kind).TypeDiscriminator;
        Assert.Matches("^[a-z-]+\\.[a-z-]+\\.v[0-9]+$", Assert.IsType<string>(name));
        var samples = Life.Where(e => e.GetType().Name == kind).ToList();
        Assert.NotEmpty(samples);
        foreach (var sample in samples)
        {
            var recorded = Record(sample, 41);
            var json = GovernanceJson.Serialize(recorded);
            Assert.Equal(name, JsonNode.Parse(json)!["event"]!["type"]!.GetValue<string>());

            var read = GovernanceJson.Deserialize<RecordedEvent>(json);
            Assert.IsType(sample.GetType(), read.Event);
            Assert.Equal(json, GovernanceJson.Serialize(read));
            Assert.Equal((recorded.Stream, recorded.Version, recorded.Time, recorded.Actor, recorded.Request, recorded.RequestDigest),
                (read.Stream, read.Version, read.Time, read.Actor, read.Request, read.RequestDigest));
        }
    }

    [Fact]
    public void Names_of_kinds_are_unique() => Assert.Equal(
        Kinds().Count, typeof(GovernanceEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => a.TypeDiscriminator).Distinct().Count());

    [Fact]
    public void Every_kind_folds_and_each_but_an_anchor_leaves_a_trace()
    {
        var state = GovernanceState.Empty;
        foreach (var (index, e) in Life.Index())
        {
            var next = state.Apply(Record(e, index));
            Assert.Equal(index + 1, next.Position);
            Assert.Equal(e is InferenceLogAnchored, Body(state).ToJsonString() == Body(next).ToJsonString());
            state = next;
        }
    }

    [Fact]
    public void An_unknown_kind_or_member_is_refused_not_skipped()
    {
        var known = JsonNode.Parse(GovernanceJson.Serialize(Record(Life[0], 0)))!.AsObject();
        var kind = known.DeepClone();
        kind["event"]!["type"] = "policy.published.v9";
        var member = known.DeepClone();
        member["event"]!["extra"] = 1;
        foreach (var json in new[] { kind, member })
        {
            Assert.Throws<JsonException>(() => GovernanceJson.Deserialize<RecordedEvent>(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString())));
        }
    }

    /// <summary>The state without what every event changes: position, time, stream versions.</summary>
    private static JsonObject Body(GovernanceState state)
    {
        var body = JsonSerializer.SerializeToNode(state, GovernanceJson.Options)!.AsObject();
        foreach (var member in new[] { "position", "time", "streams", "requests" })
        {
            Assert.True(body.Remove(member));
        }

        return body;
    }

    private static RecordedEvent Record(GovernanceEvent e, long position) => new()
    {
        Position = position,
        Stream = "stream",
        Version = position + 1,
        Time = World.Start.AddMilliseconds(position).AddTicks(7),
        Actor = "dana",
        Request = "dana:key",
        RequestDigest = Samples.D("request"),
        Event = e,
    };
}
