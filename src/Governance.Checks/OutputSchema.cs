namespace Governance.Checks;

/// <summary>A measure that a check may report. Immutable.</summary>
/// <param name="Name">snake_case; what policies name.</param>
/// <param name="Meaning">What it says, with its unit, as a phrase.</param>
/// <param name="Minimum">Smallest value it can have; null when there is no bound.</param>
/// <param name="Maximum">Largest value it can have; null when there is no bound.</param>
public sealed record MeasureSchema(string Name, string Meaning, double? Minimum = null, double? Maximum = null);

/// <summary>A table that a check may leave beside its measures. Immutable.</summary>
/// <param name="Name">snake_case; what charts name.</param>
/// <param name="Columns">Names of the columns, in order.</param>
public sealed record TableSchema(string Name, IReadOnlyList<string> Columns);

/// <summary>On which side of a limit a measure should lie.</summary>
public enum LimitKind
{
    /// <summary>The measure should not be below the limit.</summary>
    AtLeast,

    /// <summary>The measure should not be above the limit.</summary>
    AtMost,
}

/// <summary>A limit that a measure is usually compared with. Policy decides; this is what the shipped packs start from. Immutable.</summary>
/// <param name="Measure">A measure of the same check.</param>
/// <param name="Tiers">The limit for models of tier 1, 2 and 3; one value when it is the same for all.</param>
/// <param name="Basis">Regulation, paper or house rule the number comes from.</param>
/// <param name="Parameter"><c>pack/parameter</c> of the shipped policy pack that holds the same number; null when no pack compares it.</param>
public sealed record CheckThreshold(string Measure, LimitKind Kind, IReadOnlyList<double> Tiers, string Basis, string? Parameter = null);
