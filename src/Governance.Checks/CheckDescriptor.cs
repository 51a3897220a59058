using Governance.Core.Evidence;

namespace Governance.Checks;

/// <summary>How a check describes itself. Immutable.</summary>
public sealed record CheckDescriptor
{
    /// <summary><c>family.name</c>, stable for ever.</summary>
    public required string Id { get; init; }

    public required string Version { get; init; }

    public required CheckFamily Family { get; init; }

    public required string Title { get; init; }

    /// <summary>The question it answers, for a validator.</summary>
    public required string Purpose { get; init; }

    /// <summary>How it is computed, with formulas in words.</summary>
    public required string Method { get; init; }

    public required string SignsOfHighRisk { get; init; }

    public required string Strengths { get; init; }

    public required string Limits { get; init; }

    /// <summary>Papers, standards, regulations.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>
    /// Whether it runs only when it is asked for by its id: it answers a question that not every model raises (a claim of differential privacy, a
    /// table to be released, logged outcomes), or costs more than all others together.
    /// </summary>
    public bool OnRequest { get; init; }

    /// <summary>
    /// Largest relative difference of a number between two computations of the same plan, on whatever machines, that counts as none. 0, the default,
    /// where the results are equal to the digest.
    /// </summary>
    public double Tolerance { get; init; }

    /// <summary>What may be set; nothing else is accepted.</summary>
    public IReadOnlyList<CheckParameter> Parameters { get; init; } = [];

    /// <summary>Every measure a result may hold, and no other.</summary>
    public required IReadOnlyList<MeasureSchema> Measures { get; init; }

    /// <summary>Every table a result may hold, and no other; a result may lack some.</summary>
    public IReadOnlyList<TableSchema> Tables { get; init; } = [];

    /// <summary>Limits to compare the measures with when no policy says otherwise; a check itself decides nothing.</summary>
    public IReadOnlyList<CheckThreshold> Thresholds { get; init; } = [];
}
