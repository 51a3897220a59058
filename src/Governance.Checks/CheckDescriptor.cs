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

    public IReadOnlyList<CheckParameter> Parameters { get; init; } = [];
}

/// <summary>A numeric parameter of a check.</summary>
/// <param name="Name">snake_case.</param>
/// <param name="Description">Meaning and unit.</param>
/// <param name="Default">Used when not given.</param>
/// <param name="Minimum">Smallest accepted value.</param>
/// <param name="Maximum">Largest accepted value.</param>
public sealed record CheckParameter(string Name, string Description, double Default, double Minimum, double Maximum);
