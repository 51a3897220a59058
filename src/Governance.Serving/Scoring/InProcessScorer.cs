using Governance.Models;
using Governance.Models.Onnx;

namespace Governance.Serving.Scoring;

/// <summary>
/// A model in this process: scored at once, on the caller's thread. Held by its pool and by each call at work; the last to let go disposes of
/// the model, so that one taken out of the pool fails no call. Thread-safe.
/// </summary>
/// <param name="model">Disposed when nobody holds it any more.</param>
/// <param name="successor">Who scores for a caller that comes after that.</param>
public sealed class InProcessScorer(OnnxScorer model, Func<InProcessScorer> successor) : IScorer
{
    private int holders = 1;

    /// <summary>The model itself, for what looks inside.</summary>
    public OnnxScorer Model => model;

    /// <inheritdoc/>
    public string InputName => model.Signature.Input;

    /// <inheritdoc/>
    public IReadOnlyList<string> Features => model.Features;

    /// <inheritdoc/>
    public ValueTask ScoreAsync(ReadOnlyMemory<float> features, int rows, Memory<double> scores, CancellationToken cancellationToken)
    {
        if (!TryHold())
        {
            return successor().ScoreAsync(features, rows, scores, cancellationToken);
        }

        try
        {
            model.Score(features.Span, scores.Span[..rows], cancellationToken);
            return ValueTask.CompletedTask;
        }
        catch (ModelOutputException e)
        {
            throw new ScoringException(ScoringException.ModelFailed, e.Message, e);
        }
        finally
        {
            LetGo();
        }
    }

    /// <summary>The pool, or a call, does not need the model any more.</summary>
    internal void LetGo()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            model.Dispose();
        }
    }

    private bool TryHold()
    {
        for (var count = Volatile.Read(ref holders); count > 0;)
        {
            var seen = Interlocked.CompareExchange(ref holders, count + 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        return false;
    }
}
