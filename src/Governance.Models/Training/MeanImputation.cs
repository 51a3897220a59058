namespace Governance.Models.Training;

/// <summary>Replaces missing and infinite values by the mean of the column's finite ones; 0 where there is none. Immutable and thread-safe.</summary>
internal sealed class MeanImputation
{
    private readonly float[] means;
    private readonly bool needed;

    private MeanImputation(float[] means, bool needed)
    {
        this.means = means;
        this.needed = needed;
    }

    public static MeanImputation Of(FeatureMatrix data)
    {
        var width = data.Features.Count;
        var (sums, counts, needed) = (new double[width], new long[width], false);
        var values = data.Values.Span;
        for (var i = 0; i < values.Length; i++)
        {
            if (float.IsFinite(values[i]))
            {
                sums[i % width] += values[i];
                counts[i % width]++;
            }
            else
            {
                needed = true;
            }
        }

        return new MeanImputation([.. sums.Select((s, f) => counts[f] == 0 ? 0 : (float)(s / counts[f]))], needed);
    }

    public FeatureMatrix Apply(FeatureMatrix data) => needed ? data with { Values = Filled(data.Values.Span) } : data;

    /// <summary>The model with the imputation in front of it.</summary>
    public IScorer Before(IScorer model) => new Imputed(this, model);

    private float[] Filled(ReadOnlySpan<float> values)
    {
        var filled = values.ToArray();
        for (var i = 0; i < filled.Length; i++)
        {
            filled[i] = float.IsFinite(filled[i]) ? filled[i] : means[i % means.Length];
        }

        return filled;
    }

    private sealed class Imputed(MeanImputation imputation, IScorer model) : IScorer
    {
        public IReadOnlyList<string> Features => model.Features;

        public void Score(ReadOnlySpan<float> features, Span<double> scores, CancellationToken cancellationToken) =>
            model.Score(imputation.Filled(features), scores, cancellationToken);
    }
}
