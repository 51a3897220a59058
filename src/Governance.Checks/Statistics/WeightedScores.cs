namespace Governance.Checks.Statistics;

/// <summary>A scored row with its outcome and what it stands for.</summary>
/// <param name="Score">Not NaN.</param>
/// <param name="Label">0 or 1.</param>
/// <param name="Weight">Finite and above zero.</param>
public readonly record struct WeightedScore(double Score, int Label, double Weight);

/// <summary>
/// Weighted rows in ascending order of score, rows of one score in the order they were given: every sum over them has that one order. Immutable.
/// With equal weights each figure is the unweighted one; multiplying all weights by a number changes none.
/// </summary>
public sealed class WeightedScores
{
    private readonly WeightedScore[] rows;
    private readonly int[] ties;

    public WeightedScores(IEnumerable<WeightedScore> rows)
    {
        this.rows = [.. rows.OrderBy(r => r.Score)];
        ties = [.. Enumerable.Range(1, this.rows.Length).Where(i => i == this.rows.Length || this.rows[i].Score != this.rows[i - 1].Score)];
    }

    public int Count => rows.Length;

    /// <summary>The rows, ascending.</summary>
    public ReadOnlySpan<WeightedScore> Rows => rows;

    public bool HasBothClasses => rows.Any(r => r.Label == 0) && rows.Any(r => r.Label == 1);

    /// <summary>Weighted mean of a function of score and label.</summary>
    public WeightedMean Mean(Func<double, int, double> value) =>
        WeightedMean.Of(Array.ConvertAll(rows, r => value(r.Score, r.Label)), Array.ConvertAll(rows, r => r.Weight));

    /// <summary>
    /// Probability that a positive outranks a negative, each drawn by its weight, ties counted half. Variance by linearisation over DeLong's placements
    /// <c>V</c>: <c>Σw²(V − AUC)² / (Σw)² · n / (n − 1)</c> of each label, added.
    /// </summary>
    public AucEstimate Auc()
    {
        if (!HasBothClasses)
        {
            return new AucEstimate(double.NaN, double.NaN);
        }

        double[] totals = [Total(0), Total(1)], below = [0, 0];
        var placements = new double[rows.Length];
        foreach (var (start, end) in Ties())
        {
            double[] here = [0, 0];
            for (var i = start; i < end; i++)
            {
                here[rows[i].Label] += rows[i].Weight;
            }

            for (var i = start; i < end; i++)
            {
                placements[i] = rows[i].Label == 1
                    ? (below[0] + (here[0] / 2)) / totals[0]
                    : (totals[1] - below[1] - (here[1] / 2)) / totals[1];
            }

            below[0] += here[0];
            below[1] += here[1];
        }

        var (positive, negative) = (PlacementsOf(1), PlacementsOf(0));
        return new AucEstimate(positive.Value, (positive.StandardError * positive.StandardError) + (negative.StandardError * negative.StandardError));

        WeightedMean PlacementsOf(int label) => WeightedMean.Of(
            [.. placements.Where((_, i) => rows[i].Label == label)], [.. rows.Where(r => r.Label == label).Select(r => r.Weight)]);
    }

    /// <summary>Largest distance between the weighted score distributions of the two labels; NaN where a label has no weight.</summary>
    /// <param name="multiples">How often each row counts in a bootstrap replicate; empty for once each.</param>
    public double KolmogorovSmirnov(ReadOnlySpan<int> multiples = default)
    {
        double[] totals = [0, 0], below = [0, 0];
        for (var i = 0; i < rows.Length; i++)
        {
            totals[rows[i].Label] += Weight(i, multiples);
        }

        var largest = 0.0;
        foreach (var (start, end) in Ties())
        {
            for (var i = start; i < end; i++)
            {
                below[rows[i].Label] += Weight(i, multiples);
            }

            largest = Math.Max(largest, Math.Abs((below[0] / totals[0]) - (below[1] / totals[1])));
        }

        return totals[0] > 0 && totals[1] > 0 ? Math.Min(1, largest) : double.NaN;
    }

    private double Total(int label)
    {
        var total = 0.0;
        foreach (var row in rows.Where(r => r.Label == label))
        {
            total += row.Weight;
        }

        return total;
    }

    private double Weight(int row, ReadOnlySpan<int> multiples) => multiples.IsEmpty ? rows[row].Weight : multiples[row] * rows[row].Weight;

    /// <summary>First row and end of each run of equal scores.</summary>
    private IEnumerable<(int Start, int End)> Ties()
    {
        var start = 0;
        foreach (var end in ties)
        {
            yield return (start, end);
            start = end;
        }
    }
}
