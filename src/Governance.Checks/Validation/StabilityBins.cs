using System.Globalization;
using Governance.Checks.Statistics;
using Governance.Checks.Tallies;

namespace Governance.Checks.Validation;

/// <summary>A bin of the training distribution with the rows of both samples in it.</summary>
public readonly record struct StabilityBin(string Name, long Training, long Evaluation);

/// <summary>
/// Bins frozen on the training data: one per value when there are few, else between its quantiles; plus one for missing values. The outer bins are open,
/// so no evaluation row falls out of all bins.
/// </summary>
public static class StabilityBins
{
    /// <summary>Bins with a row of either sample, in order of value, missing last.</summary>
    public static IReadOnlyList<StabilityBin> Of(CountMap values, int bins)
    {
        var known = values.Length > 0 && double.IsNaN(values.Key(values.Length - 1)) ? values.Length - 1 : values.Length;
        var trained = Enumerable.Range(0, known).Where(i => values.Count(i, DistributionCounts.Training) > 0).ToArray();
        var result = trained.Length <= bins ? ByValue(values, known) : ByQuantile(values, known, trained, bins);
        if (known < values.Length)
        {
            result.Add(new StabilityBin("missing", values.Count(known, DistributionCounts.Training), values.Count(known, DistributionCounts.Evaluation)));
        }

        return [.. result.Where(b => b.Training + b.Evaluation > 0)];
    }

    /// <summary>
    /// Population stability index: sum of (a − e)·ln(a / e) over bins. A bin that is empty on one side counts half a row there (the zero rule), so the
    /// index is finite and the rule weighs less as samples grow.
    /// </summary>
    public static double Index(IReadOnlyList<StabilityBin> bins)
    {
        double n = bins.Sum(b => b.Training), m = bins.Sum(b => b.Evaluation);
        return bins.Sum(b =>
        {
            double e = Math.Max(b.Training, 0.5) / n, a = Math.Max(b.Evaluation, 0.5) / m;
            return (a - e) * Math.Log(a / e);
        });
    }

    /// <summary>p-value of an index when both samples come from one distribution: index / (1/n + 1/m) is about chi-squared on bins − 1 degrees of freedom.</summary>
    public static double PValue(double index, IReadOnlyList<StabilityBin> bins) => Tail.ChiSquared(index / Scale(bins), bins.Count - 1);

    /// <summary>The index that chance exceeds in 5 of 100 pairs of samples of these sizes.</summary>
    public static double CriticalValue(IReadOnlyList<StabilityBin> bins) =>
        bins.Count < 2 ? 0 : Scale(bins) * MathNet.Numerics.Distributions.ChiSquared.InvCDF(bins.Count - 1, 0.95);

    private static double Scale(IReadOnlyList<StabilityBin> bins) => (1.0 / bins.Sum(b => b.Training)) + (1.0 / bins.Sum(b => b.Evaluation));

    private static List<StabilityBin> ByValue(CountMap values, int known)
    {
        var result = new List<StabilityBin>();
        var unseen = 0L;
        for (var i = 0; i < known; i++)
        {
            if (values.Count(i, DistributionCounts.Training) > 0)
            {
                result.Add(new StabilityBin(Name(values.Key(i)), values.Count(i, DistributionCounts.Training), values.Count(i, DistributionCounts.Evaluation)));
            }
            else
            {
                unseen += values.Count(i, DistributionCounts.Evaluation);
            }
        }

        result.Add(new StabilityBin("unseen in training", 0, unseen));
        return result;
    }

    private static List<StabilityBin> ByQuantile(CountMap values, int known, int[] trained, int bins)
    {
        var total = trained.Sum(i => values.Count(i, DistributionCounts.Training));
        var edges = new List<double>();
        long seen = 0;
        var next = 1;
        foreach (var i in trained[..^1])
        {
            seen += values.Count(i, DistributionCounts.Training);
            if (seen * bins >= next * total)
            {
                edges.Add(values.Key(i));
                next = (int)(seen * bins / total) + 1;
            }
        }

        var result = new List<StabilityBin>();
        var at = 0;
        for (var b = 0; b <= edges.Count; b++)
        {
            long training = 0, evaluation = 0;
            for (; at < known && (b == edges.Count || values.Key(at) <= edges[b]); at++)
            {
                training += values.Count(at, DistributionCounts.Training);
                evaluation += values.Count(at, DistributionCounts.Evaluation);
            }

            var name = edges.Count == 0 ? "all"
                : b == 0 ? $"up to {Name(edges[0])}"
                : b == edges.Count ? $"above {Name(edges[b - 1])}"
                : $"above {Name(edges[b - 1])} to {Name(edges[b])}";
            result.Add(new StabilityBin(name, training, evaluation));
        }

        return result;
    }

    private static string Name(double value) => value.ToString("G7", CultureInfo.InvariantCulture);
}
