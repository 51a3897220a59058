namespace Governance.Checks.Explainability.Counterfactuals;

/// <summary>
/// Bounded search for the cheapest change that turns a row's decision: every single change; where none does, the five best are extended by every second one,
/// and the best pair by every third. It asks for the outputs of some rows at a time, so that the model may be anywhere: <c>while (search.Next() is { Length: > 0 } rows)</c>,
/// score them, <see cref="Take"/>. Of equal cost the first feature and smallest value count. Not thread-safe.
/// </summary>
public sealed class CounterfactualSearch
{
    /// <summary>Most features changed together.</summary>
    public const int MostChanges = 3;

    /// <summary>Most rows asked for at a time.</summary>
    public const int BlockRows = 256;

    private const int Extended = 5;

    private readonly IReadOnlyList<ChangeableFeature> features;
    private readonly float[] own;
    private readonly int most;
    private readonly double threshold;
    private readonly int favourable;
    private Candidate[] tried = [];
    private int answered;
    private int changes;
    private float[] block = [];

    /// <param name="threshold">Output at or above which label 1 is predicted.</param>
    /// <param name="most">Features changed together, 1 to <see cref="MostChanges"/>.</param>
    internal CounterfactualSearch(IReadOnlyList<ChangeableFeature> features, ReadOnlySpan<float> row, double threshold, int favourable, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(most, MostChanges);
        (this.features, own, this.threshold, this.favourable, this.most) = (features, row.ToArray(), threshold, favourable, most);
        Extend([new Candidate([], 0, 0)]);
    }

    /// <summary>The cheapest change found; null while the search goes on, and when there is none.</summary>
    public Counterfactual? Found { get; private set; }

    /// <summary>Rows whose outputs it wants next, row-major, at most <see cref="BlockRows"/>; empty when the search is over.</summary>
    public ReadOnlyMemory<float> Next()
    {
        var count = Math.Min(BlockRows, tried.Length - answered);
        if (block.Length < count * own.Length)
        {
            block = new float[count * own.Length];
        }

        for (var i = 0; i < count; i++)
        {
            var row = block.AsSpan(i * own.Length, own.Length);
            own.CopyTo(row);
            foreach (var change in tried[answered + i].Changes)
            {
                row[change.Feature] = change.Value;
            }
        }

        return block.AsMemory(0, count * own.Length);
    }

    /// <param name="outputs">Of the rows of the last <see cref="Next"/>, on the threshold's scale; what is not a number turns nothing.</param>
    public void Take(ReadOnlySpan<double> outputs)
    {
        foreach (var output in outputs)
        {
            tried[answered] = tried[answered] with { Gain = favourable == 1 ? output : -output };
            answered++;
        }

        if (answered == tried.Length)
        {
            Conclude();
        }
    }

    private void Conclude()
    {
        var rated = tried.Where(c => !double.IsNaN(c.Gain)).ToArray();
        var turned = rated.Where(c => favourable == 1 ? c.Gain >= threshold : -c.Gain < threshold).MinBy(c => c.Cost);
        if (turned is not null)
        {
            (Found, tried, answered) = (new Counterfactual(turned.Changes, turned.Cost), [], 0);
            return;
        }

        Extend(changes == most ? [] : [.. rated.OrderByDescending(c => c.Gain).Take(changes == 1 ? Extended : 1)]);
    }

    private void Extend(Candidate[] starts)
    {
        (tried, answered) = ([.. starts.SelectMany(Extensions)], 0);
        changes++;
    }

    private IEnumerable<Candidate> Extensions(Candidate from)
    {
        for (var f = 0; f < features.Count; f++)
        {
            if (Array.Exists(from.Changes, c => c.Feature == f))
            {
                continue;
            }

            foreach (var value in features[f].From(own[f]))
            {
                yield return new Candidate([.. from.Changes, new CounterfactualChange(f, value)], from.Cost + (Math.Abs(value - own[f]) / features[f].Unit), 0);
            }
        }
    }

    private sealed record Candidate(CounterfactualChange[] Changes, double Cost, double Gain);
}
