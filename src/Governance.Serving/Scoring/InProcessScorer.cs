using Governance.Models;
using Governance.Models.Onnx;

namespace Governance.Serving.Scoring;

/// <summary>A model in this process: scored at once, on the caller's thread. Thread-safe.</summary>
/// <param name="model">Owned by whoever made it.</param>
public sealed class InProcessScorer(OnnxScorer model) : IScorer
{
    /// <summary>The model itself, for what looks inside.</summary>
    public OnnxScorer Model => model;

    /// <inheritdoc/>
    public string InputName => model.Signature.Input;

    /// <inheritdoc/>
    public IReadOnlyList<string> Features => model.Features;

    /// <inheritdoc/>
    public ValueTask ScoreAsync(ReadOnlyMemory<float> features, int rows, Memory<double> scores, CancellationToken cancellationToken)
    {
        try
        {
            model.Score(features.Span, scores.Span[..rows], cancellationToken);
            return ValueTask.CompletedTask;
        }
        catch (ModelOutputException e)
        {
            throw new ScoringException(ScoringException.ModelFailed, e.Message, e);
        }
    }
}
