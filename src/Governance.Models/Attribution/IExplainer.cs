using Governance.Models.Trees;

namespace Governance.Models.Attribution;

/// <summary>
/// Divides a model's output for one row among its features or groups of features (Shapley values): expected value + sum of contributions = output.
/// Implementations are immutable and thread-safe; equal rows get equal contributions, bit for bit, whatever rows they are explained with.
/// </summary>
public interface IExplainer
{
    /// <summary>What contributions belong to.</summary>
    PlayerSet Players { get; }

    /// <summary>The output without knowledge of the row: mean over the background, or over the training covers.</summary>
    double ExpectedValue { get; }

    /// <summary>The scale of contributions: <see cref="TreeLink.Logistic"/> is log-odds, <see cref="TreeLink.Identity"/> probability.</summary>
    TreeLink Link { get; }

    /// <summary>How the contributions are made, for evidence: <c>background TreeSHAP (exact)</c>.</summary>
    string Method { get; }

    /// <summary>Explains whole rows.</summary>
    /// <param name="rows">Row-major <c>[rows, features]</c>; missing is NaN.</param>
    /// <param name="contributions">Row-major <c>[rows, Players.Count]</c>; written over.</param>
    void Explain(ReadOnlySpan<float> rows, Span<double> contributions, CancellationToken cancellationToken);
}

/// <summary>Which feature belongs to which player of the game. Immutable.</summary>
/// <param name="Names">Of the players.</param>
/// <param name="OfFeature">Player of each input feature.</param>
public sealed record PlayerSet(IReadOnlyList<string> Names, IReadOnlyList<int> OfFeature)
{
    public int Count => Names.Count;

    /// <summary>Every feature by itself.</summary>
    public static PlayerSet OfFeatures(IReadOnlyList<string> features) => new(features, [.. Enumerable.Range(0, features.Count)]);

    /// <summary>Features of one group name play together; a group stands where its first feature does.</summary>
    public static PlayerSet Grouped(IReadOnlyList<string> features, Func<string, string> groupOf)
    {
        var names = features.Select(groupOf).Distinct(StringComparer.Ordinal).ToList();
        return new(names, [.. features.Select(f => names.IndexOf(groupOf(f)))]);
    }
}
