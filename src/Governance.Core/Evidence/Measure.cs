namespace Governance.Core.Evidence;

/// <summary>Whether a measure has a number one may rely on.</summary>
public enum MeasureStatus
{
    /// <summary>The value is a number computed on enough data.</summary>
    Ok,

    /// <summary>Too little data (a small group, too few events): no number is given, or it must not be relied on.</summary>
    Insufficient,

    /// <summary>The formula has no value here (0/0, one class only); <see cref="Measure.Note"/> says why.</summary>
    Undefined,
}

/// <summary>
/// One figure a check found: a point estimate with its interval, test and sample size. Immutable.
/// Never NaN or infinite: a figure that is not a finite number has no <see cref="Value"/> and a <see cref="Status"/> that says so.
/// </summary>
public sealed record Measure
{
    /// <summary>snake_case name, unique with <see cref="Group"/> within one result: <c>auc</c>, <c>adverse_impact_ratio</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What part of the data it is about: <c>sex=female</c>, <c>feature=age</c>; null for all of it.</summary>
    public string? Group { get; init; }

    public double? Value { get; init; }

    /// <summary>Lower bound of the two-sided interval at <see cref="Level"/>.</summary>
    public double? Lower { get; init; }

    /// <summary>Upper bound of the two-sided interval at <see cref="Level"/>.</summary>
    public double? Upper { get; init; }

    /// <summary>Confidence level of the interval, e.g. 0.95; null without an interval.</summary>
    public double? Level { get; init; }

    /// <summary>How the interval was made: <c>DeLong</c>, <c>Katz log</c>, <c>Newcombe</c>, <c>Poisson bootstrap (1000)</c>.</summary>
    public string? Interval { get; init; }

    public double? PValue { get; init; }

    /// <summary>p-value after the multiplicity correction that <see cref="Test"/> names.</summary>
    public double? AdjustedPValue { get; init; }

    /// <summary>The test the p-values come from.</summary>
    public string? Test { get; init; }

    /// <summary>Rows the figure rests on.</summary>
    public long? Count { get; init; }

    public MeasureStatus Status { get; init; }

    /// <summary>One sentence for people; required when the status is not ok.</summary>
    public string? Note { get; init; }
}
