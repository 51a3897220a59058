namespace Governance.Serving.Watching;

/// <summary>Beyond what live figures raise an alert. Immutable. Shares are above 0 and at most 1; null is not looked at.</summary>
public sealed record MonitorLimits
{
    /// <summary>Rows in the window before drift and shares are judged. Default 200.</summary>
    public long FewestRows { get; init; } = 200;

    /// <summary>Requests in the window before failures and durations are judged. Default 50.</summary>
    public long FewestRequests { get; init; } = 50;

    /// <summary>Largest population stability index of the score and of a feature; it must also exceed what chance does in 5 of 100. Default 0.25.</summary>
    public double? Psi { get; init; } = 0.25;

    /// <summary>Largest share of rows with a value of a feature outside what training saw. Default 0.1.</summary>
    public double? OutsideRate { get; init; } = 0.1;

    /// <summary>Largest share of requests that fail. Default 0.02.</summary>
    public double? FailureRate { get; init; } = 0.02;

    /// <summary>Largest share of requests that policy refuses. Default 0.2.</summary>
    public double? RefusalRate { get; init; } = 0.2;

    /// <summary>Largest 99th percentile of the time to answer, in milliseconds. Default 1,000.</summary>
    public double? P99Milliseconds { get; init; } = 1000;

    /// <summary>Reviews that ended before their outcomes are judged. Default 50.</summary>
    public long FewestReviews { get; init; } = 50;

    /// <summary>Largest share of reviewed decisions that a person overrode. Default 0.2.</summary>
    public double? OverrideRate { get; init; } = 0.2;

    /// <summary>Most decisions that wait for a person. Default 0: any that waits is pointed out.</summary>
    public double? ReviewsWaiting { get; init; } = 0;

    /// <summary>Least adverse impact ratio of a group. Default 0.8, the four-fifths rule (29 CFR 1607.4(D)).</summary>
    public double? ImpactRatio { get; init; } = 0.8;

    /// <summary>Largest distance of a group's true or false positive rate from that of the first group, over reported outcomes. Default 0.1.</summary>
    public double? OutcomeGap { get; init; } = 0.1;

    /// <summary>Labelled decisions before outcomes are judged. Default 200.</summary>
    public long FewestOutcomes { get; init; } = 200;

    /// <summary>Least AUC over reported outcomes. Default: the policy's.</summary>
    public double? Auc { get; init; }

    /// <summary>Largest expected calibration error over reported outcomes. Default 0.1.</summary>
    public double? CalibrationError { get; init; } = 0.1;
}
