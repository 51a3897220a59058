using Governance.Data;

namespace Governance.Checks.Explainability.Counterfactuals;

/// <summary>What a search may do with a feature. Immutable.</summary>
/// <param name="Tried">Values it may be changed to, ascending.</param>
/// <param name="Minimum">Smallest value a change may lead to.</param>
/// <param name="Maximum">Largest value a change may lead to.</param>
/// <param name="Step">Changes are whole multiples of it; null: any.</param>
/// <param name="Unit">What a change costs 1: a standard deviation, in the feature's own unit.</param>
internal sealed record ChangeableFeature(bool IsMutable, float[] Tried, float Minimum, float Maximum, Direction Change, float? Step, double Unit)
{
    /// <summary>Values a row's own may be changed to.</summary>
    public IEnumerable<float> From(float own) => !IsMutable || float.IsNaN(own) ? [] : Tried
        .Select(v => Step is { } step and > 0 ? Whole(own, v, step) : v)
        .Where(v => v != own && v >= Minimum && v <= Maximum && (Change is Direction.Any || v > own == (Change is Direction.Up)))
        .Distinct();

    /// <summary>The next whole number of steps at or beyond a value.</summary>
    private static float Whole(float own, float value, float step) => own + (step * (value > own ? MathF.Ceiling((value - own) / step) : MathF.Floor((value - own) / step)));
}
