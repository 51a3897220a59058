using Governance.Core.Commands;
using Governance.Core.Events;
using Governance.Core.Serving;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Commands;

/// <summary>Which pipelines an owner may set.</summary>
public sealed class RoutePipelineTests
{
    private static readonly RoutePipeline Calibrated = new() { Post = [new PostStep(new Platt(-3, 1.5))] };
    private static readonly PipelineMember Bureau = new(Upstream: "bureau");

    [Fact]
    public async Task What_is_set_is_in_the_event_and_in_the_settings_and_has_one_digest()
    {
        using var world = await World.PromotedAsync();
        var pipeline = Calibrated with { Members = [Bureau], Ensemble = new Ensemble(EnsembleKind.Weighted, [3, 1]) };
        var recorded = Assert.IsType<RouteConfigured>((await world.AcceptAsync(Configure(pipeline), People.Olivia)).Single().Event);
        Assert.Equal(pipeline.ComputeDigest(), recorded.Settings.Pipeline!.ComputeDigest());
        Assert.Equal(pipeline.ComputeDigest(), world.State.SettingsOf(Samples.ModelId).Pipeline!.ComputeDigest());

        var text = """{"pre":[],"members":[{"upstream":"bureau"}],"ensemble":{"kind":"weighted","weights":[3,1]},"post":[{"platt":{"a":-3,"b":1.5}}]}"""u8;
        Assert.Equal(Digest.Of(text), pipeline.ComputeDigest());
        Assert.Equal(pipeline.ComputeDigest(), GovernanceJson.Deserialize<RoutePipeline>(text).ComputeDigest());
    }

    [Fact]
    public async Task Members_answer_their_own_routes_and_prepared_features_are_read()
    {
        using var world = await World.PromotedAsync();
        await world.RefuseAsync(Configure(new RoutePipeline { Members = [new PipelineMember("nothing", 1)] }), People.Olivia, "member-not-promoted");
        await world.RefuseAsync(Configure(new RoutePipeline { Members = [new PipelineMember(Samples.ModelId, 1)] }), People.Olivia, "member-itself");
        await world.RefuseAsync(Configure(new RoutePipeline { Pre = [new FeatureStep("nothing", Clip: new Bounds(0, 1))] }), People.Olivia, "other-inputs");
    }

    [Fact]
    public async Task Reasons_of_one_model_are_not_given_for_a_pipeline()
    {
        using var world = await World.PromotedAsync();
        var both = new RouteSettings { Pipeline = Calibrated, Reasons = new ReasonRule(ReasonsWhen.Adverse) };
        await world.RefuseAsync(new ConfigureRoute(Samples.ModelId, both), People.Olivia, "invalid-settings");
    }

    public static TheoryData<RoutePipeline> Bad() =>
    [
        new RoutePipeline(),
        new RoutePipeline { Members = [null!] },
        new RoutePipeline { Pre = [new FeatureStep("income")] },
        new RoutePipeline { Pre = [new FeatureStep("income", Clip: new Bounds(1, 0))] },
        new RoutePipeline { Pre = [new FeatureStep("income", Clip: new Bounds(0, double.NaN))] },
        new RoutePipeline { Pre = [new FeatureStep("income", Scale: new Scaling(0, 0))] },
        new RoutePipeline { Pre = [new FeatureStep("income", new Impute(-1, 1e39))] },
        new RoutePipeline { Pre = [new FeatureStep("income", new Impute(-1, 0)), new FeatureStep("income", new Impute(-2, 0))] },
        new RoutePipeline { Members = [new PipelineMember()] },
        new RoutePipeline { Members = [new PipelineMember("credit")] },
        new RoutePipeline { Members = [new PipelineMember("credit", 1, "bureau")] },
        new RoutePipeline { Members = [new PipelineMember(Upstream: "http://127.0.0.1/")] },
        new RoutePipeline { Members = [Bureau, Bureau] },
        new RoutePipeline { Members = [.. Enumerable.Range(0, 9).Select(i => new PipelineMember(Upstream: "bureau-" + (char)('a' + i)))] },
        new RoutePipeline { Members = [Bureau], Ensemble = new Ensemble(EnsembleKind.Mean, [1, 1]) },
        new RoutePipeline { Members = [Bureau], Ensemble = new Ensemble(EnsembleKind.Weighted) },
        new RoutePipeline { Members = [Bureau], Ensemble = new Ensemble(EnsembleKind.Weighted, [1]) },
        new RoutePipeline { Members = [Bureau], Ensemble = new Ensemble(EnsembleKind.Weighted, [0, 0]) },
        new RoutePipeline { Members = [Bureau], Ensemble = new Ensemble(EnsembleKind.Weighted, [2, -1]) },
        new RoutePipeline { Members = [Bureau], Ensemble = new Ensemble(EnsembleKind.Majority, null, [0.5, 1.5]) },
        new RoutePipeline { Post = [new PostStep()] },
        new RoutePipeline { Post = [new PostStep(new Platt(-1, 0), Clamp: new Bounds(0, 1))] },
        new RoutePipeline { Post = [new PostStep(new Platt(1, 0))] },
        new RoutePipeline { Post = [new PostStep(new Platt(-1, double.NaN))] },
        new RoutePipeline { Post = [new PostStep(Isotonic: new Isotonic([0.5], [0.5]))] },
        new RoutePipeline { Post = [new PostStep(Isotonic: new Isotonic([0, 0], [0, 1]))] },
        new RoutePipeline { Post = [new PostStep(Isotonic: new Isotonic([0, 1], [1, 0]))] },
        new RoutePipeline { Post = [new PostStep(Isotonic: new Isotonic([0, 1], [0, 1.1]))] },
        new RoutePipeline { Post = [new PostStep(Clamp: new Bounds(0.6, 0.4))] },
        new RoutePipeline { Post = [.. Enumerable.Repeat(new PostStep(Clamp: new Bounds(0, 1)), 9)] },
    ];

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void A_pipeline_out_of_bounds_has_faults(RoutePipeline pipeline) =>
        Assert.Contains(RouteSettingsRules.Faults(new RouteSettings { Pipeline = pipeline }), f => f.StartsWith("pipeline", StringComparison.Ordinal));

    private static ConfigureRoute Configure(RoutePipeline pipeline) => new(Samples.ModelId, new RouteSettings { Pipeline = pipeline });
}
