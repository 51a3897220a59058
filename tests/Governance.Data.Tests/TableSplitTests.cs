using Governance.Core;

namespace Governance.Data.Tests;

public sealed class TableSplitTests
{
    private static readonly Digest Parent = Digest.Of([1, 2, 3]);

    [Fact]
    public void BySeed_TwoParts_DisjointCompleteAndStable()
    {
        var (first, second) = TableSplit.BySeed(Table(2000), Parent, 0.7, 5);
        float[] a = Values(first), b = Values(second);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (float)i), a.Concat(b).Order());
        Assert.InRange(a.Length, 1400 - 82, 1400 + 82);
        Assert.Equal(a.Order(), a);

        // Rows that come later leave the earlier ones where they were.
        Assert.Equal(a.Where(v => v < 1000), Values(TableSplit.BySeed(Table(1000), Parent, 0.7, 5).First));
        Assert.NotEqual(a, Values(TableSplit.BySeed(Table(2000), Parent, 0.7, 6).First));
        Assert.Equal(new DatasetLineage([Parent], "").Parents, first.Lineage.Parents);
        Assert.Equal("split by seed 5, share 0.7, second part", second.Lineage.Recipe);
    }

    [Fact]
    public void ByTime_IsoDates_CutIsFirstOfSecond()
    {
        var table = new DataTable([
            new TextColumn("day", ColumnRole.Ignored, ["2026-01-31", "2025-12-01", "2026-02-01", "2026-01-01"]), new Float32Column("x", ColumnRole.Feature, new float[] { 0, 1, 2, 3 }),
            new CategoryColumn("sex", ColumnRole.Protected, new[] { 0, 1, -1, 0 }, ["f", "m"]), new Float64Column("label", ColumnRole.Label, new double[] { 0, 1, 0, 1 }),
        ]);
        var (before, after) = TableSplit.ByTime(table, Parent, "day", "2026-01-31");
        Assert.Equal([1f, 3f], Values(before));
        Assert.Equal([0f, 2f], Values(after));
        Assert.Equal([1, 0], ((CategoryColumn)before.Table["sex"]).Codes.ToArray());
        Assert.Equal([0.0, 0.0], ((Float64Column)after.Table["label"]).Values.ToArray());
        Assert.Equal([2f, 3f], Values(TableSplit.ByTime(table, Parent, "x", "2").After));
    }

    [Fact]
    public void ByTime_RowWithoutTime_Refused()
    {
        var table = new DataTable([new Float32Column("x", ColumnRole.Feature, new float[] { 1, float.NaN })]);
        Assert.Contains("Row 1", Assert.Throws<ArgumentException>(() => TableSplit.ByTime(table, Parent, "x", "1")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TableSplit.ByTime(table, Parent, "x", "noon"));
        Assert.Throws<ArgumentOutOfRangeException>(() => TableSplit.BySeed(table, Parent, 1, 1));
    }

    /// <summary>Several reference scores, and columns of inferred groups, may be declared.</summary>
    [Fact]
    public void Schema_SeveralReferenceScoresAndGroupProbabilities_Allowed()
    {
        var schema = new DatasetSchema([
            ColumnSchema.Feature("x"), ColumnSchema.Label("label"), ColumnSchema.ReferenceScore("a"), ColumnSchema.ReferenceScore("b"),
            ColumnSchema.GroupProbability("origin", "north"), ColumnSchema.GroupProbability("origin", "south"),
        ]);
        Assert.Empty(schema.Validate());
        Assert.Single(new DatasetSchema([ColumnSchema.Label("label"), new ColumnSchema("north", ColumnRole.GroupProbability, ColumnType.Number64)]).Validate());
    }

    private static DataTable Table(int rows) => new([new Float32Column("x", ColumnRole.Feature, Enumerable.Range(0, rows).Select(i => (float)i).ToArray())]);

    private static float[] Values(TablePart part) => ((Float32Column)part.Table["x"]).Values.ToArray();
}
