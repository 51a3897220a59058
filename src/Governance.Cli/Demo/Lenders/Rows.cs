using Governance.Data;
using Governance.Models;

namespace Governance.Cli.Demo.Lenders;

/// <summary>Rows of a table as a model sees them.</summary>
internal static class Rows
{
    public static double[] Score(IScorer model, DataTable table, CancellationToken cancellationToken)
    {
        var columns = Columns(table, model.Features);
        var features = new float[table.RowCount * columns.Length];
        for (var column = 0; column < columns.Length; column++)
        {
            var values = columns[column].Span;
            for (var row = 0; row < values.Length; row++)
            {
                features[(row * columns.Length) + column] = values[row];
            }
        }

        var scores = new double[table.RowCount];
        model.Score(features, scores, cancellationToken);
        return scores;
    }

    public static float[] Features(DataTable table, int row, IReadOnlyList<string> features) =>
        [.. Columns(table, features).Select(c => c.Span[row])];

    private static ReadOnlyMemory<float>[] Columns(DataTable table, IReadOnlyList<string> features) =>
        [.. features.Select(f => ((Float32Column)table[f]).Values)];
}
