using Governance.Data;
using Governance.Models;

namespace Governance.Checks;

/// <summary>
/// The scores of a table, computed batch by batch, each batch once and only when a row of it is asked for; so a shard on a cluster node
/// scores its own rows and no others. Thread-safe.
/// </summary>
internal sealed class LazyScores
{
    private const int BatchRows = 4096;
    private readonly double[] scores;
    private readonly Lazy<bool>[] batches;
    private readonly DataTable table;
    private readonly IScorer model;

    public LazyScores(DataTable table, IScorer model)
    {
        this.table = table;
        this.model = model;
        scores = new double[table.RowCount];
        batches = new Lazy<bool>[(table.RowCount + BatchRows - 1) / BatchRows];
        for (var b = 0; b < batches.Length; b++)
        {
            var batch = b;
            batches[b] = new Lazy<bool>(() => Score(batch));
        }
    }

    public ReadOnlyMemory<double> Of(RowRange rows)
    {
        for (var b = rows.Start / BatchRows; b * BatchRows < rows.Start + rows.Count; b++)
        {
            _ = batches[b].Value;
        }

        return scores.AsMemory(rows.Start, rows.Count);
    }

    private bool Score(int batch)
    {
        var start = batch * BatchRows;
        var rows = Math.Min(BatchRows, scores.Length - start);
        var features = FeatureRows.Gather(table, model.Features, Enumerable.Range(start, rows));
        model.Score(features, scores.AsSpan(start, rows), CancellationToken.None);
        return true;
    }
}
