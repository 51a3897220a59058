using Governance.Models.Structure;

namespace Governance.Models.Attribution;

/// <summary>Chooses how to explain a model: exactly where its inside can be read, as a black box otherwise.</summary>
public static class Explainers
{
    /// <param name="background">Row-major <c>[rows, features]</c>, at least one row: what absent features are replaced from.</param>
    /// <param name="seed">Of sampled coalitions, where there are any.</param>
    /// <exception cref="ModelRefusedException">Trees with too many features on a path.</exception>
    public static IExplainer For(IScorer model, PlayerSet players, ReadOnlySpan<float> background, long seed, CancellationToken cancellationToken) =>
        (model as IReadableScorer)?.Reading.Structure switch
        {
            TreeStructure trees => TreeExplainer.Interventional(trees, players, background, cancellationToken),
            LinearStructure linear => new LinearExplainer(linear, players, background),
            _ => new SamplingExplainer(model, players, background, seed, cancellationToken),
        };

    /// <summary>The model's output on an explainer's scale, from its probability.</summary>
    public static double OnScale(IExplainer explainer, double probability) =>
        explainer.Link is Trees.TreeLink.Logistic ? Math.Log(probability / (1 - probability)) : probability;
}
