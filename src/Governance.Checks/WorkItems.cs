namespace Governance.Checks;

/// <summary>Deals work that is not about rows (models to train, features to attack) out to the shards of the evaluation rows.</summary>
internal static class WorkItems
{
    /// <summary>The items a shard does: an item belongs to the shard that holds its row, when items are spread evenly over the rows.</summary>
    public static IEnumerable<int> In(CheckInput input, RowRange rows, int items) => Enumerable.Range(0, items).Where(k =>
    {
        var row = (int)((long)k * input.Evaluation.RowCount / items);
        return row >= rows.Start && row < rows.Start + rows.Count;
    });
}
