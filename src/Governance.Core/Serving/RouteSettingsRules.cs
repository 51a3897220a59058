using Governance.Core.Inventory;

namespace Governance.Core.Serving;

/// <summary>What settings must satisfy by themselves. Pure.</summary>
public static class RouteSettingsRules
{
    /// <summary>Everything wrong with them, each fault naming its member.</summary>
    public static IEnumerable<string> Faults(RouteSettings settings)
    {
        if (settings.Canary is not null || settings.Stopped is not null)
        {
            yield return "canary, stopped: these have commands of their own.";
        }

        if (settings.Shadows.Count > RouteSettings.MostShadows || settings.Shadows.Distinct().Count() != settings.Shadows.Count)
        {
            yield return $"shadows: at most {RouteSettings.MostShadows} different versions.";
        }

        if (settings.Upstream is { } upstream && !Identifier.IsValid(upstream))
        {
            yield return $"upstream: {Identifier.Rule}.";
        }

        if (settings.Groups is { } groups && !(groups.Count is >= 1 and <= 4 && IsNamedOnce(groups.Select(g => g.Name)) && groups.All(g => g.Levels.Count is >= 2 and <= 12 && IsNamedOnce(g.Levels))))
        {
            yield return "groups: 1 to 4 attributes with 2 to 12 levels, each named once in a line of 1 to 64 characters.";
        }

        if (settings.Export is { } export && !Identifier.IsValid(export.Sink))
        {
            yield return $"export.sink: {Identifier.Rule}.";
        }

        if (settings.Review is { } review && (review.When == ReviewWhen.NearCutoff ? review.Width is not (> 0 and <= 0.5) : review.Width is not null))
        {
            yield return "review.width: above 0 and at most 0.5 for nearCutoff, absent otherwise.";
        }

        if (settings.Reasons is { Most: < 1 or > 10 })
        {
            yield return "reasons.most: 1 to 10.";
        }

        if (settings.Counterfactuals is { Most: < 1 or > 3 })
        {
            yield return "counterfactuals.most: 1 to 3.";
        }

        if (settings is { Counterfactuals: not null, Pipeline.Pre.Count: > 0 })
        {
            yield return "pipeline.pre, counterfactuals: what an applicant can change is known of the version's own features, not of those a pipeline prepares. Set one of the two.";
        }

        if (settings is { Reasons: not null, Pipeline: not null })
        {
            yield return "pipeline, reasons: reasons are those of one model, not of what a pipeline makes of it. Set one of the two.";
        }

        foreach (var fault in Faults(settings.Limits ?? new RouteLimits())
            .Concat(settings.Rollback is { } rollback ? Faults(rollback) : [])
            .Concat(settings.Pipeline is { } pipeline ? RoutePipelineRules.Faults(pipeline) : []))
        {
            yield return fault;
        }
    }

    private static bool IsNamedOnce(IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.All(n => Text.IsLine(n, 64) && seen.Add(n));
    }

    private static IEnumerable<string> Faults(RouteLimits limits)
    {
        if (limits.Rows is < 1 or > 100_000)
        {
            yield return "limits.rows: 1 to 100000.";
        }

        if (limits.RequestsPerSecond is < 1 or > 100_000)
        {
            yield return "limits.requestsPerSecond: 1 to 100000.";
        }

        if (limits.Concurrency is < 1 or > 10_000)
        {
            yield return "limits.concurrency: 1 to 10000.";
        }
    }

    private static IEnumerable<string> Faults(RollbackRule rule)
    {
        if (rule.MinimumAnswers is < 1 or > 1_000_000)
        {
            yield return "rollback.minimumAnswers: 1 to 1000000.";
        }

        if (rule.FailureRate is not (null or (> 0 and < 1)) || rule.AdverseDifference is not (null or (> 0 and < 1)))
        {
            yield return "rollback.failureRate, rollback.adverseDifference: above 0 and below 1.";
        }

        if (rule.P99Milliseconds is < 1 or > 60_000)
        {
            yield return "rollback.p99Milliseconds: 1 to 60000.";
        }

        if (rule is { FailureRate: null, AdverseDifference: null, P99Milliseconds: null })
        {
            yield return "rollback: at least one threshold.";
        }
    }
}
