using Governance.Core.Serving;
using Governance.Serving.Pipelines;

namespace Governance.Serving.Tests.Pipelines;

/// <summary>Several scorers as one.</summary>
public sealed class PipelineScorerTests
{
    private static readonly RoutePipeline Doubled = new()
    {
        Pre = [new FeatureStep("debt", Scale: new Scaling(0, 0.5))], Members = [new PipelineMember(Upstream: "bureau")], Ensemble = new Ensemble(EnsembleKind.Weighted, [3, 1]),
        Post = [new PostStep(Clamp: new Bounds(0.1, 0.6))],
    };

    [Fact]
    public async Task All_members_see_prepared_columns_and_the_caller_keeps_the_features()
    {
        float[] features = [0.4f, 0.1f, 0.8f, 0.5f];
        var scores = new double[2];
        var (first, second) = (new Column(0), new Column(1));
        await new PipelineScorer(Doubled, [first, second]).ScoreAsync(features, 2, scores, TestContext.Current.CancellationToken);

        Assert.Equal([0.4f, 0.1f, 0.8f, 0.5f], features);
        Assert.Equal([0.4f, 0.2f, 0.8f, 1f], first.Seen);
        Assert.Equal(first.Seen, second.Seen);
        Assert.Equal(((3 * 0.4) + 0.2) / 4, scores[0], 1e-7);
        Assert.Equal(0.6, scores[1]);
    }

    [Fact]
    public async Task One_member_that_fails_fails_the_answer_once_all_are_done_with_the_features()
    {
        var slow = new TaskCompletionSource();
        var failing = new Column(0) { Fails = true };
        var asked = new PipelineScorer(Doubled, [failing, new Column(1) { Until = slow.Task }]).ScoreAsync(new float[2], 1, new double[1], TestContext.Current.CancellationToken).AsTask();

        Assert.NotEmpty(failing.Seen);
        Assert.False(asked.IsCompleted);
        slow.SetResult();
        Assert.Equal("upstream-unavailable", (await Assert.ThrowsAsync<ScoringException>(() => asked)).Code);
    }

    /// <summary>A model whose score is one of its two columns.</summary>
    private sealed class Column(int column) : IScorer
    {
        public string InputName => "features";

        public IReadOnlyList<string> Features { get; } = ["income", "debt"];

        public float[] Seen { get; private set; } = [];

        public bool Fails { get; init; }

        public Task Until { get; init; } = Task.CompletedTask;

        public async ValueTask ScoreAsync(ReadOnlyMemory<float> features, int rows, Memory<double> scores, CancellationToken cancellationToken)
        {
            Seen = features.ToArray();
            if (Fails)
            {
                throw new ScoringException("upstream-unavailable", "It does not answer.");
            }

            await Until;
            for (var row = 0; row < rows; row++)
            {
                scores.Span[row] = Seen[(row * 2) + column];
            }
        }
    }
}
