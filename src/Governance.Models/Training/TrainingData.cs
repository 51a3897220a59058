namespace Governance.Models.Training;

/// <summary>What every trainer asks of its rows.</summary>
internal static class TrainingData
{
    /// <exception cref="ArgumentException">Not one label per row, other labels than 0 and 1, or a single class.</exception>
    public static void RequireLabels(FeatureMatrix data, ReadOnlySpan<double> labels)
    {
        if (labels.Length != data.RowCount || labels.ContainsAnyExcept(0.0, 1.0) || !labels.Contains(0) || !labels.Contains(1))
        {
            throw new ArgumentException("Give one label per row, 0 or 1, with both present.", nameof(labels));
        }
    }
}
