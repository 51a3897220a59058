using Governance.Data;
using Governance.Models;
using Governance.Models.Attribution;

namespace Governance.Checks.Explainability.Reasons;

/// <summary>A reason that may be stated. Immutable.</summary>
/// <param name="Group">Feature or group of features it stands for.</param>
/// <param name="Code">Of the lender's catalogue.</param>
/// <param name="Text">For the applicant.</param>
public sealed record ReasonCode(string Group, string Code, string Text);

/// <summary>
/// Principal reasons of an adverse decision (12 CFR 1002.9(b)(2) and its comment 5): how far each feature group lowers the applicant against those at or
/// slightly on the good side of the cutoff, as Shapley values against that background. Reasons are those that hurt, largest first, at most the policy's
/// number; shortfalls equal to nine decimals are ties and stand in the order of the features. Made once per model; thread-safe; explaining a row of a tree
/// or linear model allocates nothing.
/// </summary>
public sealed class ReasonCodeExplainer
{
    /// <summary>Comment 9(b)(2)-1: disclosing more than four reasons is not likely to be helpful to the applicant.</summary>
    public const int UsualReasons = 4;

    private const double Tie = 1e-9;

    private readonly IExplainer explainer;
    private readonly double sign;

    /// <param name="explainer">With the near-cutoff applicants as background and feature groups as players.</param>
    /// <param name="rules">Of features; those without one are a reason of their own name.</param>
    /// <param name="favourablePrediction">The predicted label, 0 or 1, that is good for the person.</param>
    /// <param name="maxReasons">At most so many reasons, 1 or more.</param>
    public ReasonCodeExplainer(IExplainer explainer, IReadOnlyList<string> features, IReadOnlyDictionary<string, FeatureRule> rules, int favourablePrediction, int maxReasons)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxReasons, 1);
        this.explainer = explainer;
        sign = favourablePrediction == 0 ? 1 : -1;
        MaxReasons = Math.Min(maxReasons, explainer.Players.Count);
        Codes = [.. explainer.Players.Names.Select((group, player) =>
        {
            var first = features[explainer.Players.OfFeature.Index().First(f => f.Item == player).Index];
            var rule = rules.GetValueOrDefault(first, FeatureRule.None);
            return new ReasonCode(group, rule.ReasonCode ?? group, rule.ReasonText ?? group);
        })];
    }

    /// <summary>Every reason that may be stated, by player.</summary>
    public IReadOnlyList<ReasonCode> Codes { get; }

    public int MaxReasons { get; }

    /// <summary>Where shortfalls are counted from, and on which scale.</summary>
    public IExplainer Explainer => explainer;

    /// <summary>An explainer of a model with groups by the rules.</summary>
    /// <param name="nearCutoff">Row-major <c>[rows, features]</c>: applicants at or slightly on the good side of the cutoff (<see cref="NearCutoff"/>).</param>
    /// <exception cref="ModelRefusedException">Trees with too many features on a path.</exception>
    public static ReasonCodeExplainer Create(
        IScorer model, IReadOnlyDictionary<string, FeatureRule> rules, ReadOnlySpan<float> nearCutoff, int favourablePrediction, int maxReasons, long seed, CancellationToken cancellationToken)
    {
        var players = PlayerSet.Grouped(model.Features, f => rules.GetValueOrDefault(f, FeatureRule.None).Group ?? f);
        return new(Explainers.For(model, players, nearCutoff, seed, cancellationToken), model.Features, rules, favourablePrediction, maxReasons);
    }

    /// <summary>The reasons of one row, most important first; indices into <see cref="Codes"/>.</summary>
    /// <param name="row">One row of the model's input.</param>
    /// <param name="reasons">Receives up to MaxReasons indices.</param>
    /// <param name="shortfalls">Receives for every player how far it lowers the applicant, on the explainer's scale; negative where it helps.</param>
    /// <returns>How many reasons there are; 0 when nothing hurts or the contributions are not numbers.</returns>
    public int Explain(ReadOnlySpan<float> row, Span<int> reasons, Span<double> shortfalls, CancellationToken cancellationToken = default)
    {
        explainer.Explain(row, shortfalls, cancellationToken);
        foreach (ref var shortfall in shortfalls)
        {
            shortfall *= sign;
        }

        return Rank(shortfalls, reasons[..MaxReasons]);
    }

    /// <summary>The players that hurt, largest shortfall first; ties in the order of players.</summary>
    private static int Rank(ReadOnlySpan<double> shortfalls, Span<int> reasons)
    {
        var count = 0;
        for (var player = 0; player < shortfalls.Length; player++)
        {
            var units = Units(shortfalls[player]);
            if (units <= 0)
            {
                continue;
            }

            var at = count;
            while (at > 0 && Units(shortfalls[reasons[at - 1]]) < units)
            {
                at--;
            }

            if (at == reasons.Length)
            {
                continue;
            }

            count = Math.Min(count + 1, reasons.Length);
            for (var i = count - 1; i > at; i--)
            {
                reasons[i] = reasons[i - 1];
            }

            reasons[at] = player;
        }

        return count;
    }

    private static double Units(double shortfall) => Math.Round(shortfall / Tie);
}
