using Governance.Data;

namespace Governance.Checks;

/// <summary>Rows of a table in the layout a model reads.</summary>
public static class FeatureRows
{
    /// <summary>Row-major <c>[rows, features]</c>, missing as NaN.</summary>
    public static float[] Gather(DataTable table, IReadOnlyList<string> features, IEnumerable<int> rows)
    {
        var selected = rows as IReadOnlyList<int> ?? [.. rows];
        var values = new float[selected.Count * features.Count];
        for (var f = 0; f < features.Count; f++)
        {
            var column = ((Float32Column)table[features[f]]).Values.Span;
            for (var r = 0; r < selected.Count; r++)
            {
                values[(r * features.Count) + f] = column[selected[r]];
            }
        }

        return values;
    }
}
