using System.Runtime.InteropServices;
using Governance.Data;
using Governance.Models;

namespace Governance.Checks;

/// <summary>Rows of a table in the layout a model reads.</summary>
public static class FeatureRows
{
    /// <summary>Row-major <c>[rows, features]</c>, missing as NaN.</summary>
    public static float[] Gather(DataTable table, IReadOnlyList<string> features, IEnumerable<int> rows)
    {
        var matrix = FeatureMatrix.Of(table, features, rows as IReadOnlyList<int> ?? [.. rows]);
        return MemoryMarshal.TryGetArray(matrix.Values, out var array) ? array.Array! : matrix.Values.ToArray();
    }
}
