using Governance.Core.Serving;
using Governance.Serving.Reviews;

namespace Governance.Serving.Watching;

/// <summary>Reads figures against limits. Pure: what too little is known of gives no reading.</summary>
public static class Monitors
{
    public const string Psi = "psi";
    public const string Outside = "out-of-range";
    public const string Failures = "failure-rate";
    public const string Refusals = "refusal-rate";
    public const string Latency = "latency-p99-ms";
    public const string Overrides = "override-rate";
    public const string Waiting = "reviews-waiting";
    public const string Impact = "impact-ratio";
    public const string TruePositives = "true-positive-gap";
    public const string FalsePositives = "false-positive-gap";
    public const string Auc = "auc";
    public const string Calibration = "calibration-error";

    /// <param name="pipeline">Of the route. What it changes is not compared with the training data of one version: the score, and the features it prepares.</param>
    public static IEnumerable<MonitorReading> Read(ArmFigures figures, MonitorLimits limits, RoutePipeline? pipeline = null)
    {
        if (figures.Rows >= limits.FewestRows)
        {
            foreach (var drift in figures.Drift.Where(d => pipeline is null || (d.Variable != "score" && pipeline.Pre.All(s => s.Feature != d.Variable))))
            {
                if (limits.Psi is { } psi)
                {
                    // Below what chance exceeds, the limit is not looked at.
                    yield return new MonitorReading(Psi, drift.Variable, drift.Index, Math.Max(psi, drift.Critical));
                }

                if (limits.OutsideRate is { } outside && drift.Variable != "score")
                {
                    yield return new MonitorReading(Outside, drift.Variable, drift.Outside, outside);
                }
            }
        }

        if (figures.Requests + figures.Failed + figures.Refused >= limits.FewestRequests)
        {
            if (limits.FailureRate is { } failures)
            {
                yield return new MonitorReading(Failures, "", figures.FailureRate ?? 0, failures);
            }

            if (limits.RefusalRate is { } refusals)
            {
                yield return new MonitorReading(Refusals, "", figures.RefusalRate ?? 0, refusals);
            }

            if (limits.P99Milliseconds is { } longest && figures.P99 is { } p99)
            {
                yield return new MonitorReading(Latency, "", p99.TotalMilliseconds, longest);
            }
        }
    }

    /// <summary>Each group beside the first of its attribute, once both have enough rows.</summary>
    public static IEnumerable<MonitorReading> Read(IReadOnlyList<GroupFigure> groups, MonitorLimits limits)
    {
        var enough = groups.Where(g => g.Rows >= limits.FewestRows).ToList();
        return limits.ImpactRatio is not { } least ? [] : enough
            .Where(g => g.ImpactRatio is not null && enough.Exists(first => first.Attribute == g.Attribute && first.ImpactRatio is null))
            .Select(g => new MonitorReading(Impact, $"{g.Attribute}={g.Level}", g.ImpactRatio!.Value, least, AtLeast: true));
    }

    /// <summary>Each group beside the first of its attribute, once both have enough outcomes.</summary>
    public static IEnumerable<MonitorReading> Read(IReadOnlyList<GroupOutcome> groups, MonitorLimits limits)
    {
        var enough = groups.Where(g => g.Labelled >= limits.FewestOutcomes).ToList();
        foreach (var group in limits.OutcomeGap is null ? [] : enough.Where(g => enough.Exists(first => first.Attribute == g.Attribute && first != g && IsFirst(first, groups))))
        {
            var about = $"{group.Attribute}={group.Level}";
            if (group.TruePositiveGap is { } positives)
            {
                yield return new MonitorReading(TruePositives, about, Math.Abs(positives), limits.OutcomeGap!.Value);
            }

            if (group.FalsePositiveGap is { } negatives)
            {
                yield return new MonitorReading(FalsePositives, about, Math.Abs(negatives), limits.OutcomeGap!.Value);
            }
        }
    }

    private static bool IsFirst(GroupOutcome group, IReadOnlyList<GroupOutcome> groups) => groups.First(g => g.Attribute == group.Attribute) == group;

    public static IEnumerable<MonitorReading> Read(ReviewFigures reviews, MonitorLimits limits)
    {
        if (limits.ReviewsWaiting is { } most)
        {
            yield return new MonitorReading(Waiting, "", reviews.Open, most);
        }

        if (limits.OverrideRate is { } largest && reviews.OverrideRate is { } rate && reviews.Confirmed + reviews.Overridden >= limits.FewestReviews)
        {
            yield return new MonitorReading(Overrides, "", rate, largest);
        }
    }

    public static IEnumerable<MonitorReading> Read(OutcomeFigures outcomes, MonitorLimits limits)
    {
        if (outcomes.Labelled < limits.FewestOutcomes)
        {
            yield break;
        }

        if (limits.Auc is { } least && outcomes.Auc is { } auc)
        {
            yield return new MonitorReading(Auc, "", auc, least, AtLeast: true);
        }

        if (limits.CalibrationError is { } largest && outcomes.CalibrationError is { } error)
        {
            yield return new MonitorReading(Calibration, "", error, largest);
        }
    }
}
