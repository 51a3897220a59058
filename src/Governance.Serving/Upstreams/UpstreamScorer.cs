using Governance.Core.State;

namespace Governance.Serving.Upstreams;

/// <summary>A version of a model on an upstream. Thread-safe.</summary>
public sealed class UpstreamScorer(UpstreamServer server, VersionState version) : IScorer
{
    private readonly string path = UpstreamMessages.Path(server.Options, version.ModelId, version.Number);

    /// <summary>The name the gateway's own callers use; what the upstream calls it is configured.</summary>
    public string InputName => "features";

    /// <inheritdoc/>
    public IReadOnlyList<string> Features => version.Submission.Features;

    /// <inheritdoc/>
    public async ValueTask ScoreAsync(ReadOnlyMemory<float> features, int rows, Memory<double> scores, CancellationToken cancellationToken)
    {
        var request = UpstreamMessages.Write(server.Options, Features, features.Span, rows);
        var answer = await server.PostAsync(path, request, cancellationToken);
        if (UpstreamMessages.Read(server.Options, answer, version.Number, scores.Span[..rows]) is { } wrong)
        {
            throw new ScoringException("upstream-invalid", $"The answer of the upstream '{server.Name}' cannot be used: {wrong}.");
        }
    }
}
