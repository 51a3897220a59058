using Governance.Data;
using Governance.Models;

namespace Governance.Cli.Demo.Lenders;

/// <summary>Rows of a table as a model sees them.</summary>
internal static class Rows
{
    public static double[] Score(IScorer model, DataTable table, CancellationToken cancellationToken)
    {
        var scores = new double[table.RowCount];
        model.Score(FeatureMatrix.Of(table, model.Features).Values.Span, scores, cancellationToken);
        return scores;
    }

    public static float[] Features(DataTable table, int row, IReadOnlyList<string> features) =>
        [.. features.Select(f => ((Float32Column)table[f]).Values.Span[row])];
}
