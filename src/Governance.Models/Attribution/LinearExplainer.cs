using Governance.Models.Structure;
using Governance.Models.Trees;

namespace Governance.Models.Attribution;

/// <summary>Exact Shapley values of a linear margin: coefficient times distance from the background mean. Immutable and thread-safe.</summary>
public sealed class LinearExplainer : IExplainer
{
    private readonly LinearStructure model;
    private readonly double[] means;

    /// <param name="background">Row-major <c>[rows, features]</c>, at least one row.</param>
    public LinearExplainer(LinearStructure model, PlayerSet players, ReadOnlySpan<float> background)
    {
        ArgumentOutOfRangeException.ThrowIfZero(background.Length, nameof(background));
        this.model = model;
        Players = players;
        means = new double[model.Columns.Columns.Count];
        var width = model.Columns.Features.Count;
        var derived = new float[means.Length];
        for (var at = 0; at < background.Length; at += width)
        {
            model.Columns.Apply(background.Slice(at, width), derived);
            for (var c = 0; c < means.Length; c++)
            {
                means[c] += derived[c];
            }
        }

        ExpectedValue = model.Model.Intercept;
        for (var c = 0; c < means.Length; c++)
        {
            means[c] /= background.Length / width;
            ExpectedValue += model.Model.Coefficients[c] * means[c];
        }
    }

    /// <inheritdoc/>
    public PlayerSet Players { get; }

    /// <inheritdoc/>
    public double ExpectedValue { get; }

    /// <inheritdoc/>
    public TreeLink Link => model.Link;

    /// <inheritdoc/>
    public string Method => "linear SHAP (exact)";

    /// <inheritdoc/>
    public void Explain(ReadOnlySpan<float> rows, Span<double> contributions, CancellationToken cancellationToken)
    {
        contributions.Clear();
        var width = model.Columns.Features.Count;
        for (int at = 0, to = 0; at < rows.Length; at += width, to += Players.Count)
        {
            for (var c = 0; c < means.Length; c++)
            {
                var column = model.Columns.Columns[c];
                contributions[to + Players.OfFeature[column.Source]] += model.Model.Coefficients[c] * (column.Apply(rows[at + column.Source]) - means[c]);
            }
        }
    }
}
