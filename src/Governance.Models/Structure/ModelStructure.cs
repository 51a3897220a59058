using Governance.Models.Trees;

namespace Governance.Models.Structure;

/// <summary>A model whose inside can be read exactly: what exact explanations and proofs work on. Immutable and thread-safe.</summary>
/// <param name="Columns">From its input to what its estimator sees.</param>
public abstract record ModelStructure(InputColumns Columns)
{
    /// <summary>From the margin to the probability of label 1.</summary>
    public abstract TreeLink Link { get; }

    /// <summary>The sum before the link: log-odds under <see cref="TreeLink.Logistic"/>, else the probability itself. In float64.</summary>
    /// <param name="row">One row of the input.</param>
    public double Margin(ReadOnlySpan<float> row)
    {
        if (Columns.IsIdentity)
        {
            return MarginOfDerived(row);
        }

        Span<float> derived = Columns.Columns.Count <= 1024 ? stackalloc float[Columns.Columns.Count] : new float[Columns.Columns.Count];
        Columns.Apply(row, derived);
        return MarginOfDerived(derived);
    }

    /// <summary>The margin of a score: its inverse link.</summary>
    public double MarginOf(double score) => Link is TreeLink.Logistic ? Math.Log(score / (1 - score)) : score;

    /// <summary>The score of a margin: its link.</summary>
    public double ScoreOf(double margin) => Link is TreeLink.Logistic ? LogisticModel.Sigmoid(margin) : margin;

    protected abstract double MarginOfDerived(ReadOnlySpan<float> derived);
}

/// <summary>Decision trees behind elementwise preparation.</summary>
public sealed record TreeStructure(InputColumns Columns, TreeEnsemble Trees) : ModelStructure(Columns)
{
    public override TreeLink Link => Trees.Link;

    protected override double MarginOfDerived(ReadOnlySpan<float> derived) => Trees.Margin(derived);
}

/// <summary>A linear model behind elementwise preparation.</summary>
public sealed record LinearStructure(InputColumns Columns, LogisticModel Model, TreeLink LinearLink) : ModelStructure(Columns)
{
    public override TreeLink Link => LinearLink;

    protected override double MarginOfDerived(ReadOnlySpan<float> derived) => Model.LogOdds(derived);
}

/// <summary>A structure, or the sentence that says why the model cannot be read exactly. Exactly one is present. Immutable.</summary>
public sealed record StructureReading(ModelStructure? Structure, string? Problem);

/// <summary>A scorer that can show its inside. Implementations are thread-safe.</summary>
public interface IReadableScorer : IScorer
{
    /// <summary>Read once, on first use.</summary>
    StructureReading Reading { get; }
}
