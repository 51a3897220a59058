using Governance.Checks.Validation;

namespace Governance.Serving.Watching;

/// <summary>
/// Bins of one variable, frozen on its training values: one for each value when there are few, with one for values unseen in training; else
/// between quantiles, with open ends. The last bin is for missing values. The same bins as <see cref="StabilityBins"/> has. Immutable.
/// </summary>
public sealed record FrozenBins
{
    /// <summary>As the check of stability has by default.</summary>
    public const int Wanted = 10;

    /// <summary>Whether <see cref="Edges"/> are values with a bin each, rather than upper ends.</summary>
    public required bool ByValue { get; init; }

    /// <summary>Ascending: the values, or the upper end of every bin but the last.</summary>
    public required double[] Edges { get; init; }

    /// <summary>Training rows by bin.</summary>
    public required long[] Training { get; init; }

    /// <summary>Smallest training value; NaN when all are missing.</summary>
    public required double? Least { get; init; }

    /// <summary>Largest training value; null when all are missing.</summary>
    public required double? Greatest { get; init; }

    public int Count => Training.Length;

    /// <summary>Freezes bins on training values; NaN is missing.</summary>
    public static FrozenBins Of(ReadOnlySpan<double> training, int wanted = Wanted)
    {
        var known = new List<double>(training.Length);
        foreach (var value in training)
        {
            if (!double.IsNaN(value))
            {
                known.Add(value);
            }
        }

        known.Sort();
        var edges = new List<double>();
        foreach (var value in known)
        {
            if (edges.Count == 0 || edges[^1] != value)
            {
                edges.Add(value);
                if (edges.Count > wanted)
                {
                    break;
                }
            }
        }

        var byValue = edges.Count <= wanted;
        var bins = new FrozenBins
        {
            ByValue = byValue,
            Edges = byValue ? [.. edges] : Quantiles(known, wanted),
            Training = [],
            Least = known.Count == 0 ? null : known[0],
            Greatest = known.Count == 0 ? null : known[^1],
        };
        var counts = new long[bins.Edges.Length + 2];
        foreach (var value in training)
        {
            counts[bins.IndexOf(value)]++;
        }

        return bins with { Training = counts };
    }

    /// <summary>Bin of a value, from 0.</summary>
    public int IndexOf(double value)
    {
        if (double.IsNaN(value))
        {
            return Edges.Length + 1;
        }

        // At most ten: a plain walk is the fastest search.
        var i = 0;
        while (i < Edges.Length && Edges[i] < value)
        {
            i++;
        }

        return !ByValue || (i < Edges.Length && Edges[i] == value) ? i : Edges.Length;
    }

    /// <summary>Whether a value lies outside what training saw.</summary>
    public bool IsOutside(double value) => value < Least || value > Greatest;

    /// <summary>The bins with a row of either side, as the index wants them.</summary>
    /// <param name="live">Rows by bin.</param>
    public IReadOnlyList<StabilityBin> Against(ReadOnlySpan<long> live)
    {
        var bins = new List<StabilityBin>(Count);
        for (var i = 0; i < Count; i++)
        {
            if (Training[i] + live[i] > 0)
            {
                bins.Add(new StabilityBin(string.Empty, Training[i], live[i]));
            }
        }

        return bins;
    }

    private static double[] Quantiles(List<double> sorted, int bins)
    {
        long total = sorted.Count, next = 1;
        var edges = new List<double>();
        for (var i = 0; i < sorted.Count && sorted[i] != sorted[^1]; i++)
        {
            long seen = i + 1;
            if (sorted[i + 1] != sorted[i] && seen * bins >= next * total)
            {
                edges.Add(sorted[i]);
                next = (seen * bins / total) + 1;
            }
        }

        return [.. edges];
    }
}
