using Governance.Models;
using Governance.Models.Onnx;

namespace Governance.Serving.Scoring;

/// <summary>
/// A model in this process: scored at once, on the caller's thread. One taken out of the pool fails no call: those under way end, later ones are its
/// successor's. Thread-safe.
/// </summary>
/// <param name="model">Disposed of when the pool lets go.</param>
/// <param name="successor">Who scores for a caller that comes after that.</param>
public sealed class InProcessScorer(OnnxScorer model, Func<InProcessScorer> successor) : IScorer
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
        catch (ObjectDisposedException)
        {
            return successor().ScoreAsync(features, rows, scores, cancellationToken);
        }
        catch (ModelOutputException e)
        {
            throw new ScoringException(ScoringException.ModelFailed, e.Message, e);
        }
    }

    /// <summary>The pool does not need the model any more.</summary>
    internal void LetGo() => model.Dispose();
}
