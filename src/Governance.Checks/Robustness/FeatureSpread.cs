using Governance.Data;

namespace Governance.Checks.Robustness;

/// <summary>What perturbing a feature needs to know of it, from the sampled rows in their fixed order. Immutable.</summary>
/// <param name="Median">Lower median of the values that are not missing; 0 when all are.</param>
/// <param name="Deviation">Standard deviation, divisor n.</param>
/// <param name="IsBinary">At most two distinct values: a flag, where added noise has no meaning.</param>
/// <param name="Minimum">Smallest value; 0 when all are missing. Largest likewise.</param>
internal sealed record FeatureSpread(float Median, double Deviation, bool IsBinary, float Minimum, float Maximum)
{
    /// <summary>A value that does not occur: what an unknown code looks like.</summary>
    public float Unseen => MathF.Floor(Maximum) + 1;

    /// <summary>Ten ranges above the largest value.</summary>
    public float FarAbove => Maximum + (10 * Range);

    /// <summary>Ten ranges below the smallest value.</summary>
    public float FarBelow => Minimum - (10 * Range);

    private float Range => Maximum > Minimum ? Maximum - Minimum : 1;

    public static FeatureSpread Of(DataTable table, string feature, SampledRows sample) => Of(table, feature, sample.Rows);

    public static FeatureSpread Of(DataTable table, string feature, IEnumerable<int> rows)
    {
        var column = ((Float32Column)table[feature]).Values;
        var values = rows.Select(r => column.Span[r]).Where(v => !float.IsNaN(v)).Order().ToArray();
        if (values.Length == 0)
        {
            return new FeatureSpread(0, 0, true, 0, 0);
        }

        var mean = values.Average(v => (double)v);
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        var third = values.FirstOrDefault(v => v != values[0] && v != values[^1], float.NaN);
        return new FeatureSpread(values[(values.Length - 1) / 2], deviation, float.IsNaN(third), values[0], values[^1]);
    }
}
