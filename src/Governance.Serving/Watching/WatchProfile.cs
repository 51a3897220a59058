namespace Governance.Serving.Watching;

/// <summary>What a version's live traffic is compared with: bins of its score and features, frozen on its training data. Immutable.</summary>
public sealed record WatchProfile
{
    public required FrozenBins Score { get; init; }

    /// <summary>Names, in the order of the model's inputs.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>One for each feature.</summary>
    public required IReadOnlyList<FrozenBins> Bins { get; init; }

    private IReadOnlyList<(double Least, double Greatest)?>? ranges;

    /// <summary>By feature the range of its training values; null for one that is always missing.</summary>
    public IReadOnlyList<(double Least, double Greatest)?> Ranges() =>
        ranges ??= [.. Bins.Select(b => b is { Least: { } least, Greatest: { } greatest } ? (least, greatest) : ((double, double)?)null)];

    /// <param name="scores">Of the training rows.</param>
    /// <param name="features">Row-major <c>[rows, names]</c>; NaN is missing.</param>
    public static WatchProfile Of(ReadOnlySpan<double> scores, IReadOnlyList<string> names, ReadOnlySpan<float> features)
    {
        var rows = features.Length / names.Count;
        var bins = new FrozenBins[names.Count];
        var column = new double[rows];
        for (var f = 0; f < bins.Length; f++)
        {
            for (var row = 0; row < rows; row++)
            {
                column[row] = features[(row * names.Count) + f];
            }

            bins[f] = FrozenBins.Of(column);
        }

        return new WatchProfile { Score = FrozenBins.Of(scores), Features = names, Bins = bins };
    }
}
