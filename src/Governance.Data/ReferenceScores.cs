namespace Governance.Data;

public static class ReferenceScores
{
    /// <summary>The same table in which only the named column is the reference score; the others are kept and read by no check.</summary>
    public static DataTable WithReferenceScore(this DataTable table, string? name) => new([.. table.Columns.Select(c =>
        c is Float64Column { Role: ColumnRole.ReferenceScore } scores && scores.Name != name
            ? new Float64Column(scores.Name, ColumnRole.Ignored, scores.Values)
            : c)]);
}
