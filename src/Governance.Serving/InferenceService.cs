using System.Runtime.CompilerServices;
using Governance.Core.Identity;
using Governance.Ledger;
using Governance.Serving.Protocol;
using Governance.Serving.Recording;
using Governance.Serving.Requests;
using Governance.Serving.Reviews;
using Governance.Serving.Routing;
using Governance.Serving.Shadows;

namespace Governance.Serving;

/// <summary>
/// Answers a route: policy is asked, the rows are scored and decided, explained where that is due, recorded, and only then answered. No
/// record, no decision. Thread-safe.
/// </summary>
public sealed class InferenceService(
    IScorerSource scorers, IRequestGuard guard, IAnswerExplainer explainer, InferenceRecorder recorder, ShadowMirror shadows, IInferenceObserver observer,
    RequestMemory requests, ReviewBook reviews, ReviewOptions reviewing, TimeProvider time)
{
    /// <remarks>To be awaited once: every request waits here for the disk, in memory that is used again.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<InferenceOutcome> InferAsync(
        InferenceCall call, RouteOutcome.Serves route, Caller client, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var outcome = call.Id is null
            ? await AnswerAsync(call, route, client, cancellationToken)
            : await requests.OnceAsync(call, route.Route.Name, client, () => AnswerAsync(call, route, client, cancellationToken), cancellationToken);
        var elapsed = time.GetElapsedTime(started);
        if (outcome is InferenceOutcome.Answered { Replayed: null } answered)
        {
            shadows.Offer(call, route, client);
            observer.Answered(route, call, answered.Scores.Span, answered.Decisions.Span, elapsed);
        }
        else if (outcome is not (InferenceOutcome.Answered or InferenceOutcome.Elsewhere))
        {
            observer.NotAnswered(route, outcome is InferenceOutcome.Failed failed ? failed.Code : InferenceOutcome.Refused.Code, elapsed);
        }

        return outcome;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<InferenceOutcome> AnswerAsync(
        InferenceCall call, RouteOutcome.Serves route, Caller client, CancellationToken cancellationToken)
    {
        if (guard.Check(call, route, client, time.GetUtcNow(), cancellationToken) is { } refusal)
        {
            var kept = await recorder.RecordAsync(refusal, call, route, client, cancellationToken);
            return kept.IsRecorded ? new InferenceOutcome.Refused(refusal, kept.FirstIndex) : Unrecorded();
        }

        if (call.Reasons && route.Settings.Reasons is null)
        {
            return new InferenceOutcome.Failed(422, "reasons-not-offered", "This route gives no reasons: its owner has not set when it does. Ask without the parameter reasons.");
        }

        if (call.Counterfactuals && route.Settings.Counterfactuals is null)
        {
            return new InferenceOutcome.Failed(
                422, "counterfactuals-not-offered", "This route does not say what would turn a decision: its owner has not set that it does. Ask without the parameter counterfactuals.");
        }

        var submission = route.Version.Submission;
        var scores = new double[call.Rows];
        var decisions = new string[call.Rows];
        IReadOnlyList<RowExplanation?>? explanations;
        try
        {
            var scorer = await scorers.GetAsync(route, route.Version, cancellationToken);
            await scorer.ScoreAsync(call.Features, call.Rows, scores, cancellationToken);
            for (var row = 0; row < scores.Length; row++)
            {
                decisions[row] = Decisions.Of(scores[row], submission.Threshold, submission.FavourablePrediction);
            }

            explanations = await explainer.ExplainAsync(route, call, scorer, scores, decisions, cancellationToken);
        }
        catch (ScoringException e)
        {
            // The caller gets no answer either way; a log that takes no entry says so itself.
            await recorder.RecordFailureAsync(e.Code, call, route, client, cancellationToken);
            return new InferenceOutcome.Failed(503, e.Code, e.Message);
        }

        var waits = ReviewSelection.Of(route.Settings.Review, scores, decisions, submission.Threshold);
        if (waits is not null && reviews.OpenCount + call.Rows > reviewing.MostOpen)
        {
            return new InferenceOutcome.Failed(503, "review-queue-full", "A person has to look at this decision, and too many wait already. Try again later.");
        }

        var recorded = await recorder.RecordAsync(new ScoredCall(call, route, client, scores, decisions, explanations) { Reviews = waits }, cancellationToken);
        return recorded.Status switch
        {
            AppendStatus.Committed => new InferenceOutcome.Answered(scores, decisions, explanations, recorded.FirstIndex, recorded.Leaves)
            {
                Reviews = waits, Withheld = waits is not null && route.Settings.Review!.Withhold, Recording = recorded.Recording,
            },
            AppendStatus.Busy => new InferenceOutcome.Failed(503, "overloaded", "Too many answers wait to be recorded. Try again shortly."),
            _ => Unrecorded(),
        };
    }

    private static InferenceOutcome.Failed Unrecorded() =>
        new(503, "ledger-unavailable", "The answer could not be recorded, so none is given. Ask again shortly; if it lasts, an operator must look at the inference log.") { MayBeRecorded = true };
}
