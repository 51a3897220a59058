using Governance.Data;

namespace Governance.Models;

/// <summary>Rows of named features as models take them. Immutable.</summary>
/// <param name="Values">Row-major <c>[rows, Features.Count]</c>; missing is NaN.</param>
public sealed record FeatureMatrix(IReadOnlyList<string> Features, int RowCount, ReadOnlyMemory<float> Values)
{
    public ReadOnlySpan<float> Row(int row) => Values.Span.Slice(row * Features.Count, Features.Count);

    /// <summary>All rows of some columns of a table, in the given order.</summary>
    /// <exception cref="KeyNotFoundException">The table lacks a feature; the message names it.</exception>
    /// <exception cref="InvalidCastException">A feature is not a column of float32.</exception>
    public static FeatureMatrix Of(DataTable table, IReadOnlyList<string> features) => Of(table, features, [.. Enumerable.Range(0, table.RowCount)]);

    /// <summary>Some rows of some columns of a table, both in the given order.</summary>
    /// <exception cref="KeyNotFoundException">The table lacks a feature; the message names it.</exception>
    /// <exception cref="InvalidCastException">A feature is not a column of float32.</exception>
    public static FeatureMatrix Of(DataTable table, IReadOnlyList<string> features, IReadOnlyList<int> rows)
    {
        var values = new float[rows.Count * features.Count];
        for (var f = 0; f < features.Count; f++)
        {
            var column = ((Float32Column)table[features[f]]).Values.Span;
            for (var r = 0; r < rows.Count; r++)
            {
                values[(r * features.Count) + f] = column[rows[r]];
            }
        }

        return new FeatureMatrix(features, rows.Count, values);
    }
}
