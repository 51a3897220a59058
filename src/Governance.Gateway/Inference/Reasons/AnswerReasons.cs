using Governance.Core.Serving;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Gateway.Inference.Reasons;

/// <summary>
/// States the principal reasons of decisions where the route's settings or the caller want them, within a bounded time. Where they are due and cannot be had
/// the decision is not given. Thread-safe.
/// </summary>
internal sealed class AnswerReasons(ReasonLibrary library, TimeProvider time)
{
    /// <summary>Longest wait for reasons that are being made ready, and for those of a model that can only be asked for scores.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>For each row its reasons, null for one without; null when none are due.</summary>
    /// <exception cref="ScoringException">They are due and cannot be had: nothing is answered.</exception>
    public async ValueTask<IReadOnlyList<RowExplanation?>?> ExplainAsync(
        RouteOutcome.Serves route, InferenceCall call, ReadOnlyMemory<string> decisions, CancellationToken cancellationToken)
    {
        if (route.Settings.Reasons is not { } rule || (rule.When == ReasonsWhen.OnRequest && !call.Reasons)
            || (rule.When != ReasonsWhen.Always && !decisions.Span.Contains(Decisions.Adverse)))
        {
            return null;
        }

        if (route.Settings.Upstream is not null)
        {
            throw new ScoringException(ReasonLibrary.Unavailable, "This route is scored by another server, whose decisions the gateway cannot explain.");
        }

        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var reasons = await library.GetAsync(route.Version, both.Token);
            return reasons.IsExact
                ? Explain(reasons, call, rule, decisions.Span, both.Token)
                : await Task.Run(() => Explain(reasons, call, rule, decisions.Span, both.Token), both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ScoringException(ReasonLibrary.Unavailable, "The reasons of this decision were not ready in time, so it is not given. Try again shortly.");
        }
    }

    private static RowExplanation?[] Explain(VersionReasons reasons, InferenceCall call, ReasonRule rule, ReadOnlySpan<string> decisions, CancellationToken cancellationToken)
    {
        var width = call.Features.Length / call.Rows;
        var explanations = new RowExplanation?[call.Rows];
        for (var row = 0; row < explanations.Length; row++)
        {
            if (rule.When == ReasonsWhen.Always || decisions[row] == Decisions.Adverse)
            {
                explanations[row] = reasons.Of(call.Features.Span.Slice(row * width, width), rule.Most, cancellationToken);
            }
        }

        return explanations;
    }
}
