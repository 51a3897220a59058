using Governance.Core.Serving;

namespace Governance.Serving.Pipelines;

/// <summary>Several scorers as one: prepares the columns once, asks all members, and makes one score of theirs. One that fails fails the whole. Thread-safe.</summary>
/// <param name="members">The version that answers first, then the members of the pipeline in its order.</param>
public sealed class PipelineScorer(RoutePipeline pipeline, IReadOnlyList<IScorer> members) : IScorer
{
    /// <inheritdoc/>
    public string InputName => members[0].InputName;

    /// <inheritdoc/>
    public IReadOnlyList<string> Features => members[0].Features;

    /// <inheritdoc/>
    public async ValueTask ScoreAsync(ReadOnlyMemory<float> features, int rows, Memory<double> scores, CancellationToken cancellationToken)
    {
        var prepared = Prepare(features);
        var theirs = new double[members.Count][];
        // All are awaited even when one fails: the features are the caller's again as soon as this is done.
        await Task.WhenAll(members.Select(async (member, i) => await member.ScoreAsync(prepared, rows, theirs[i] = new double[rows], cancellationToken)));
        Combine(theirs, scores.Span[..rows]);
    }

    private ReadOnlyMemory<float> Prepare(ReadOnlyMemory<float> features)
    {
        if (pipeline.Pre.Count == 0)
        {
            return features;
        }

        var columns = new Dictionary<string, int>(Features.Select((name, column) => KeyValuePair.Create(name, column)), StringComparer.Ordinal);
        var prepared = features.ToArray();
        foreach (var step in pipeline.Pre)
        {
            PipelineMath.Prepare(step, prepared, columns[step.Feature], Features.Count);
        }

        return prepared;
    }

    private void Combine(double[][] theirs, Span<double> scores)
    {
        Span<double> row = stackalloc double[RoutePipeline.MostMembers + 1];
        for (var i = 0; i < scores.Length; i++)
        {
            for (var member = 0; member < theirs.Length; member++)
            {
                row[member] = theirs[member][i];
            }

            scores[i] = PipelineMath.Finish(pipeline.Post, PipelineMath.Combine(pipeline.Ensemble, row[..theirs.Length]));
        }
    }
}
