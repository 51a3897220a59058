namespace Governance.Models;

/// <summary>A scorer that can run its model under other settings of its runtime. Implementations are thread-safe.</summary>
public interface IRuntimeVariants : IScorer
{
    /// <summary>The same model under other settings: opened on first use, closed with this scorer.</summary>
    IReadOnlyList<RuntimeVariant> Variants { get; }
}

/// <summary>A model under other settings than it is served with. Immutable.</summary>
/// <param name="Name">snake_case, beginning with <c>runtime_</c>, for evidence.</param>
/// <param name="Words">What is other, for people.</param>
public sealed record RuntimeVariant(string Name, string Words, IScorer Scorer);
