using Governance.Data;
using Governance.Models;

namespace Governance.Checks;

/// <summary>
/// The scores of a table, computed batch by batch, each batch once and only when a row of it is asked for; so a shard on a cluster node
/// scores its own rows and no others. A model's last digits may depend on which rows are scored together: no batch reaches over the edge of a
/// part, so the scores of a part stay the same when parts are added. Thread-safe.
/// </summary>
internal sealed class LazyScores
{
    private const int BatchRows = 4096;
    private readonly double[] scores;
    private readonly RowRange[] ranges;
    private readonly Lazy<bool>[] batches;
    private readonly DataTable table;
    private readonly IScorer model;

    /// <param name="parts">Rows of each part of the table, in order; none for one part.</param>
    public LazyScores(DataTable table, IScorer model, IReadOnlyList<int> parts)
    {
        this.table = table;
        this.model = model;
        scores = new double[table.RowCount];
        ranges = [.. Ranges(parts.Count == 0 ? [table.RowCount] : parts)];
        batches = Array.ConvertAll(ranges, range => new Lazy<bool>(() => Score(range)));
    }

    public ReadOnlyMemory<double> Of(RowRange rows)
    {
        for (var b = First(rows.Start); b < ranges.Length && ranges[b].Start < rows.Start + rows.Count; b++)
        {
            _ = batches[b].Value;
        }

        return scores.AsMemory(rows.Start, rows.Count);
    }

    private static IEnumerable<RowRange> Ranges(IReadOnlyList<int> parts)
    {
        var start = 0;
        foreach (var end in parts.Select(rows => start + rows))
        {
            for (; start < end; start = Math.Min(start + BatchRows, end))
            {
                yield return new RowRange(start, Math.Min(BatchRows, end - start));
            }
        }
    }

    /// <summary>The batch a row lies in.</summary>
    private int First(int row)
    {
        var at = Array.BinarySearch(ranges, new RowRange(row, 0), Comparer<RowRange>.Create((a, b) => a.Start.CompareTo(b.Start)));
        return at >= 0 ? at : Math.Max(0, ~at - 1);
    }

    private bool Score(RowRange range)
    {
        var features = FeatureRows.Gather(table, model.Features, Enumerable.Range(range.Start, range.Count));
        model.Score(features, scores.AsSpan(range.Start, range.Count), CancellationToken.None);
        return true;
    }
}
