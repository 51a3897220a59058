using Governance.Checks.Robustness;
using Governance.Data;
using Governance.Models;

namespace Governance.Checks.Explainability.Counterfactuals;

/// <summary>
/// The least change of what a person can change that turns an adverse decision (Wachter, Mittelstadt and Russell, 2018): values to either side of tree thresholds or
/// of the data, within each feature's rule of who can change it, in which direction, range and step. Not finding one does not prove that there is none, and what
/// is found is to be confirmed with the running model. Made once per model; thread-safe.
/// </summary>
public sealed class CounterfactualExplainer
{
    /// <summary>Rows whose spread is the unit of cost, unless asked otherwise.</summary>
    public const int UsualRows = 150;

    /// <summary>Most values tried for each feature, unless asked otherwise.</summary>
    public const int UsualGridPoints = 32;

    private readonly ChangeableFeature[] features;
    private readonly Answers inside;
    private readonly double threshold;
    private readonly int favourable;

    private CounterfactualExplainer(ChangeableFeature[] features, Answers inside, double threshold, int favourable) =>
        (this.features, this.inside, this.threshold, this.favourable) = (features, inside, threshold, favourable);

    /// <summary>Whether any feature may be changed at all.</summary>
    public bool CanChange => Array.Exists(features, f => f.IsMutable);

    /// <summary>Whether the model's inside can be read: a row then takes milliseconds. Otherwise the model is asked thousands of times for each.</summary>
    public bool IsReadable => inside.AreMargins;

    /// <summary>An explainer of a model by the rules of its features.</summary>
    /// <param name="rules">Features without one may be changed within the values seen.</param>
    /// <param name="table">Data with every feature: values seen, and spread.</param>
    /// <param name="rows">Those of the table whose spread counts.</param>
    /// <param name="threshold">Score at or above which label 1 is predicted.</param>
    /// <param name="favourable">The predicted label, 0 or 1, that is good for the person.</param>
    /// <param name="points">Most values tried for each feature.</param>
    public static CounterfactualExplainer Create(
        IScorer model, IReadOnlyDictionary<string, FeatureRule> rules, DataTable table, IEnumerable<int> rows, double threshold, int favourable, int points = UsualGridPoints)
    {
        var (seen, spread) = (model.Features.ToDictionary(f => f, f => FeatureGrids.Seen(table, f), StringComparer.Ordinal), rows.ToArray());
        var grids = FeatureGrids.Of(model, f => seen[f], points);
        var changeable = model.Features.Select((name, f) => Changeable(rules.GetValueOrDefault(name, FeatureRule.None), seen[name], grids[f], FeatureSpread.Of(table, name, spread)));
        return new CounterfactualExplainer([.. changeable], new Answers(model, threshold), threshold, favourable);
    }

    /// <summary>The cheapest change by the model this was made for; null when none of up to <paramref name="most"/> features turns the decision.</summary>
    public Counterfactual? Cheapest(ReadOnlySpan<float> row, int most, CancellationToken cancellationToken)
    {
        var search = new CounterfactualSearch(features, row, inside.Threshold, favourable, most);
        while (search.Next() is { IsEmpty: false } rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var outputs = new double[rows.Length / row.Length];
            inside.Of(rows.Span, outputs, cancellationToken);
            search.Take(outputs);
        }

        return search.Found;
    }

    /// <summary>The same search with scores from elsewhere: what really answers may be on another server.</summary>
    public CounterfactualSearch Search(ReadOnlySpan<float> row, int most) => new(features, row, threshold, favourable, most);

    private static ChangeableFeature Changeable(FeatureRule rule, float[] seen, float[] grid, FeatureSpread spread) => new(
        rule.IsMutable && seen.Length > 0,
        // A tree only says that a flag is above one half: flags stay what they are, 0 and 1.
        seen.Length <= 2 ? seen : grid,
        rule.Minimum ?? seen.FirstOrDefault(), rule.Maximum ?? seen.LastOrDefault(), rule.Change, rule.Step,
        spread.Deviation > 0 && double.IsFinite(spread.Deviation) ? spread.Deviation : 1);
}
