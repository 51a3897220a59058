using System.Globalization;
using Governance.Core.Serving;

namespace Governance.Serving.Watching;

/// <summary>Whether a canary is taken back: a pure function of both arms since it started.</summary>
public static class CanaryGuard
{
    /// <returns>Why it is; null when it goes on or too little is known.</returns>
    public static string? Breach(RollbackRule rule, ArmFigures canary, ArmFigures? champion)
    {
        if (canary.Requests + canary.Failed < rule.MinimumAnswers)
        {
            return null;
        }

        if (rule.FailureRate is { } most && canary.FailureRate > most)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{canary.FailureRate:P1} of the canary's requests failed; the limit is {most:P1}.");
        }

        if (rule.P99Milliseconds is { } longest && canary.P99 is { } p99 && p99.TotalMilliseconds > longest)
        {
            return string.Create(CultureInfo.InvariantCulture, $"99 of 100 of the canary's answers took up to {p99.TotalMilliseconds:F0} ms; the limit is {longest} ms.");
        }

        return rule.AdverseDifference is { } difference && canary.AdverseRate - champion?.AdverseRate > difference
            ? string.Create(CultureInfo.InvariantCulture, $"{canary.AdverseRate:P1} of the canary's decisions are adverse and {champion?.AdverseRate:P1} of the champion's; the limit of the difference is {difference:P1}.")
            : null;
    }
}
