namespace Governance.Checks.Explainability.Counterfactuals;

/// <summary>A change of a row that turns its decision. Immutable.</summary>
/// <param name="Changes">One to three, each of another feature.</param>
/// <param name="Cost">Sum of the changes in standard deviations.</param>
public sealed record Counterfactual(IReadOnlyList<CounterfactualChange> Changes, double Cost)
{
    /// <summary>The row with the changes in it.</summary>
    public float[] In(ReadOnlySpan<float> row)
    {
        var changed = row.ToArray();
        foreach (var change in Changes)
        {
            changed[change.Feature] = change.Value;
        }

        return changed;
    }
}

/// <summary>One feature set to another value.</summary>
/// <param name="Feature">Its place among the model's features.</param>
public readonly record struct CounterfactualChange(int Feature, float Value);
