namespace Governance.Data;

/// <summary>Which way a value may go, or a score is expected to go.</summary>
public enum Direction
{
    Any,
    Up,
    Down,
}

/// <summary>What people know of a feature and no model can say: what it is called, who can change it and how. Immutable.</summary>
public sealed record FeatureRule
{
    /// <summary>A feature without a rule: its own group, changeable within the values seen.</summary>
    public static readonly FeatureRule None = new();

    private const int MaxCodeLength = 200;
    private const int MaxTextLength = 1000;

    /// <summary>Features of one group are one reason; null: the feature by itself.</summary>
    public string? Group { get; init; }

    /// <summary>Code of the reason in the lender's catalogue; that of the group's first feature counts. Null: the group's name.</summary>
    public string? ReasonCode { get; init; }

    /// <summary>Sentence of the reason for the applicant, from the lender's catalogue.</summary>
    public string? ReasonText { get; init; }

    /// <summary>Whether the applicant can change it at all; age is not.</summary>
    public bool IsMutable { get; init; } = true;

    /// <summary>Whether it is a characteristic that must not count, such as sex: <c>fairness.prohibited_inputs</c> shows whether it does.</summary>
    public bool IsProhibited { get; init; }

    /// <summary>Which way an applicant can change it: time since an event only grows.</summary>
    public Direction Change { get; init; }

    /// <summary>How the probability of label 1 is expected to move as the feature grows.</summary>
    public Direction Monotone { get; init; }

    /// <summary>Smallest value a change may lead to; null: the smallest seen.</summary>
    public float? Minimum { get; init; }

    /// <summary>Largest value a change may lead to; null: the largest seen.</summary>
    public float? Maximum { get; init; }

    /// <summary>Changes are whole multiples of it; null: any.</summary>
    public float? Step { get; init; }

    /// <summary>Standard deviation of its measurement error, in its own unit; null: a share of its spread.</summary>
    public double? MeasurementError { get; init; }

    /// <summary>What is wrong with it, as a sentence without its subject; null when nothing is.</summary>
    public string? Fault() =>
        new[] { Group, ReasonCode }.Any(t => t is { Length: 0 or > MaxCodeLength }) || ReasonText is { Length: 0 or > MaxTextLength }
            ? $"has a rule whose group or code is not 1 to {MaxCodeLength} characters long, or whose text is not 1 to {MaxTextLength}."
        : !(float.IsFinite(Minimum ?? 0) && float.IsFinite(Maximum ?? 0) && (Minimum ?? float.MinValue) <= (Maximum ?? float.MaxValue)) ? "has a rule with a least value above its largest one."
        : !((Step ?? 1) > 0 && float.IsFinite(Step ?? 1)) ? "has a rule with a step that is not above 0."
        : !((MeasurementError ?? 0) >= 0 && double.IsFinite(MeasurementError ?? 0)) ? "has a rule with a measurement error below 0."
        : null;
}
