namespace Governance.Checks.Statistics;

/// <summary>p-values adjusted for having asked many questions at once; answers keep the order of the input.</summary>
public static class Multiplicity
{
    /// <summary>Step-down family-wise adjustment (Holm 1979): for gates. Valid under any dependence.</summary>
    public static double[] Holm(IReadOnlyList<double> pValues)
    {
        var order = Ascending(pValues);
        var adjusted = new double[pValues.Count];
        var running = 0.0;
        for (var i = 0; i < order.Length; i++)
        {
            running = Math.Max(running, Math.Min(1, (order.Length - i) * pValues[order[i]]));
            adjusted[order[i]] = running;
        }

        return adjusted;
    }

    /// <summary>Step-up false-discovery adjustment (Benjamini and Hochberg 1995): for screening.</summary>
    public static double[] BenjaminiHochberg(IReadOnlyList<double> pValues)
    {
        var order = Ascending(pValues);
        var adjusted = new double[pValues.Count];
        var running = 1.0;
        for (var i = order.Length - 1; i >= 0; i--)
        {
            running = Math.Min(running, pValues[order[i]] * order.Length / (i + 1));
            adjusted[order[i]] = running;
        }

        return adjusted;
    }

    private static int[] Ascending(IReadOnlyList<double> pValues) =>
        [.. Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]).ThenBy(i => i)];
}
