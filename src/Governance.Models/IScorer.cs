namespace Governance.Models;

/// <summary>A binary model as a check or a route uses it: rows in, probability of label 1 out. Implementations are thread-safe.</summary>
public interface IScorer
{
    /// <summary>Feature names in the order of the input tensor.</summary>
    IReadOnlyList<string> Features { get; }

    /// <summary>Scores whole rows.</summary>
    /// <param name="features">Row-major <c>[rows, Features.Count]</c>; missing is NaN.</param>
    /// <param name="scores">Receives one probability per row, widened from the model's own precision.</param>
    void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken);
}
