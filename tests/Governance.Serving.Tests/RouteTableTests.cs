using Governance.Core;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Serving.Recording;
using Governance.Serving.Routing;
using Governance.Serving.Scoring;

namespace Governance.Serving.Tests;

/// <summary>Who answers a route, and with what file, as a function of what was recorded.</summary>
public sealed class RouteTableTests
{
    private static readonly byte[] Model = OnnxWriter.Write(new LogisticModel(["income"], 0.5, [-1]), "small");

    [Fact]
    public void A_route_leads_to_the_promoted_version_and_no_other()
    {
        var submitted = Fold(new ModelRegistered(Registration()), Submitted(1), Submitted(2));
        Assert.IsType<RouteOutcome.Unknown>(RouteTable.Resolve(submitted, "nothing"));
        Assert.Equal("not-promoted", Assert.IsType<RouteOutcome.Closed>(RouteTable.Resolve(submitted, "credit")).Code);
        Assert.IsType<RouteOutcome.Unknown>(RouteTable.Resolve(submitted, "credit", 3));

        var promoted = Fold(submitted, Promoted(1, null));
        Assert.Equal(1, Assert.IsType<RouteOutcome.Serves>(RouteTable.Resolve(promoted, "credit")).Version.Number);
        Assert.IsType<RouteOutcome.Serves>(RouteTable.Resolve(promoted, "credit", 1));
        Assert.Equal("not-promoted", Assert.IsType<RouteOutcome.Closed>(RouteTable.Resolve(promoted, "credit", 2)).Code);

        var replaced = Fold(promoted, Promoted(2, 1));
        Assert.Equal(2, Assert.IsType<RouteOutcome.Serves>(RouteTable.Resolve(replaced, "credit")).Version.Number);

        var suspended = Fold(replaced, new VersionSuspended("credit", 2, "Drift.", "psi-max"));
        var closed = Assert.IsType<RouteOutcome.Closed>(RouteTable.Resolve(suspended, "credit"));
        Assert.Equal(("suspended", "psi-max"), (closed.Code, closed.Rule));
        Assert.Equal("suspended", Assert.IsType<RouteOutcome.Closed>(RouteTable.Resolve(suspended, "credit", 2)).Code);
    }

    [Fact]
    public void A_pipeline_is_answered_while_its_member_answers_its_own_route()
    {
        var members = Fold(new ModelRegistered(Registration()), Submitted(1), Promoted(1, null), new ModelRegistered(Registration("fraud")), Submitted(1, "fraud"), Submitted(2, "fraud"),
            new RouteConfigured("credit", new RouteSettings { Pipeline = new RoutePipeline { Members = [new PipelineMember("fraud", 1), new PipelineMember(Upstream: "bureau")] } }));
        AssertMissing(members);

        var promoted = Fold(members, Promoted(1, null, "fraud"));
        var serves = Assert.IsType<RouteOutcome.Serves>(RouteTable.Resolve(promoted, "credit"));
        Assert.Equal(("credit", 1), (serves.Version.ModelId, serves.Version.Number));
        Assert.Equal([("fraud", 1, null), (null, null, "bureau")], serves.Members.Select(m => (m.Version?.ModelId, m.Version?.Number, m.Upstream)));

        AssertMissing(Fold(promoted, new VersionSuspended("fraud", 1, "Drift.")));
        AssertMissing(Fold(promoted, Promoted(2, 1, "fraud")));
        var stopped = Fold(promoted, new RouteStopped("fraud", "Wrong."));
        AssertMissing(stopped);
        Assert.IsType<RouteOutcome.Serves>(RouteTable.Resolve(Fold(stopped, new RouteStarted("fraud", "Mended.")), "credit"));

        static void AssertMissing(GovernanceState state) =>
            Assert.Equal("member-not-promoted", Assert.IsType<RouteOutcome.Closed>(RouteTable.Resolve(state, "credit")).Code);
    }

    [Fact]
    public void A_pipeline_is_not_answered_with_inputs_that_a_member_does_not_read()
    {
        var state = Fold(new ModelRegistered(Registration()), Submitted(1), Promoted(1, null), new ModelRegistered(Registration("fraud")), Submitted(1, "fraud", "debt"), Promoted(1, null, "fraud"));
        Assert.Equal("other-inputs", With(new RoutePipeline { Members = [new PipelineMember("fraud", 1)] }));
        Assert.Equal("other-inputs", With(new RoutePipeline { Pre = [new FeatureStep("debt", Clip: new Bounds(0, 1))] }));

        string With(RoutePipeline pipeline) => Assert.IsType<RouteOutcome.Closed>(
            RouteTable.Resolve(Fold(state, new RouteConfigured("credit", new RouteSettings { Pipeline = pipeline })), "credit")).Code;
    }

    [Fact]
    public void A_model_is_loaded_once_and_a_failed_load_is_tried_again()
    {
        var reads = 0;
        byte[]? stored = null;
        using var pool = new ModelPool(_ => { reads++; return stored; }, OnnxLimits.Default);
        var version = Fold(new ModelRegistered(Registration()), Submitted(1)).Version("credit", 1)!;

        Assert.Contains("missing or was altered", Assert.Throws<ScoringException>(() => pool.Get(version)).Message, StringComparison.Ordinal);
        stored = "no model"u8.ToArray();
        Assert.Contains("does not pass the scan", Assert.Throws<ScoringException>(() => pool.Get(version)).Message, StringComparison.Ordinal);
        stored = Model;
        Assert.Same(pool.Get(version), pool.Get(version));
        Assert.Equal(3, reads);
    }

    [Fact]
    public void Equal_subjects_have_equal_keys_however_they_were_typed()
    {
        Assert.Equal(Subjects.Key("Ré-1"), Subjects.Key(" Re\u0301-1 "));
        Assert.NotEqual(Subjects.Key("re-1"), Subjects.Key("RE-1"));
    }

    [Theory]
    [InlineData(0.5, 0.5, 0, Decisions.Adverse)]
    [InlineData(0.4999, 0.5, 0, Decisions.Favourable)]
    [InlineData(0.5, 0.5, 1, Decisions.Favourable)]
    [InlineData(0.4999, 0.5, 1, Decisions.Adverse)]
    public void The_threshold_belongs_to_the_predicted_label(double score, double threshold, int favourable, string decision) =>
        Assert.Equal(decision, Decisions.Of(score, threshold, favourable));

    private static ModelRegistration Registration(string id = "credit") => new()
    {
        Id = id, Name = "Credit", Use = "Credit", Tier = Tier.One, Owner = "olivia", Developers = ["dana"], Jurisdictions = ["EU"], Automation = Automation.Sole,
    };

    private static VersionSubmitted Submitted(int number, string model = "credit", string feature = "income") => new(model, new VersionSubmission
    {
        Number = number, Artifact = Digest.Of(Model), Description = "v", Features = [feature], TrainingDataset = "a", EvaluationDataset = "b", Threshold = 0.5, FavourablePrediction = 0,
    });

    private static VersionPromoted Promoted(int number, int? replaced, string model = "credit") => new(model, number, model, PromotionTarget.Champion, replaced, Digest.Of("d"u8));

    private static GovernanceState Fold(params GovernanceEvent[] events) => Fold(GovernanceState.Empty, events);

    private static GovernanceState Fold(GovernanceState state, params GovernanceEvent[] events) => events.Aggregate(state, (s, e) => s.Apply(new RecordedEvent
    {
        Position = s.Position, Stream = "model/credit", Version = s.Position + 1, Time = DateTimeOffset.UnixEpoch, Actor = "dana", Event = e,
    }));
}
