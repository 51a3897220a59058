namespace Governance.Serving.Reviews;

/// <summary>A review that waits for a person, or that a person has. Immutable.</summary>
/// <param name="Decision">Index of the decision in the inference log; also names the review.</param>
/// <param name="Client">The application that asked.</param>
/// <param name="Withheld">The application was not told the decision: it waits.</param>
/// <param name="Since">When the decision was made, UTC.</param>
public sealed record ReviewState(long Decision, string Route, int Version, string Client, bool Withheld, DateTimeOffset Since)
{
    /// <summary>Who has it; null when nobody took it.</summary>
    public string? Person { get; init; }

    /// <summary>Until when, UTC.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who has it at an instant; null when nobody does.</summary>
    public string? HolderAt(DateTimeOffset now) => Until > now ? Person : null;
}

/// <summary>How the reviews of a version went. Immutable.</summary>
/// <param name="Open">Decisions that wait.</param>
public sealed record ReviewFigures(string Route, int Version, long Open, long Confirmed, long Overridden)
{
    /// <summary>Share of looked-at decisions that a person turned; null when none was looked at.</summary>
    public double? OverrideRate => Confirmed + Overridden is > 0 and var seen ? (double)Overridden / seen : null;
}
