using Governance.Checks.Explainability.Counterfactuals;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Gateway.Inference.Counterfactuals;

/// <summary>
/// Says, where a caller asks it, what would have turned each adverse decision, within bounded work and time: a part of the processors searches, and who cannot be told in time
/// is not answered. What is told was scored by the route's own scorer, wherever that is. Thread-safe.
/// </summary>
internal sealed class AnswerCounterfactuals(CounterfactualLibrary library, TimeProvider time) : IDisposable
{
    /// <summary>Longest search for all rows of a request, with waiting for others' and for what is being made ready.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim searching = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>For each row what would have turned it, null for a favourable one; null when none is adverse.</summary>
    /// <exception cref="ScoringException">It cannot be said in time, or the scorer gives no score: nothing is answered.</exception>
    public async Task<AnswerCounterfactual?[]?> FindAsync(
        RouteOutcome.Serves route, InferenceCall call, IScorer scorer, ReadOnlyMemory<string> decisions, CancellationToken cancellationToken)
    {
        if (!decisions.Span.Contains(Decisions.Adverse))
        {
            return null;
        }

        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var explainer = await library.GetAsync(route.Version, both.Token);
            await searching.WaitAsync(both.Token);
            try
            {
                return await FindAsync(explainer, route, call, scorer, decisions, both.Token);
            }
            finally
            {
                searching.Release();
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ScoringException(
                CounterfactualLibrary.Unavailable, "What would turn this decision was not found in time, so it is not given. Ask for fewer rows, or try again shortly.");
        }
    }

    public void Dispose() => searching.Dispose();

    private static async Task<AnswerCounterfactual?[]> FindAsync(
        CounterfactualExplainer explainer, RouteOutcome.Serves route, InferenceCall call, IScorer scorer, ReadOnlyMemory<string> decisions, CancellationToken cancellationToken)
    {
        // What another server or several models make of a row, the file of this version cannot say.
        var inside = explainer.IsReadable && route.Settings is { Upstream: null, Pipeline: null };
        var (width, most) = (call.Features.Length / call.Rows, route.Settings.Counterfactuals!.Most);
        var answers = new AnswerCounterfactual?[call.Rows];
        for (var i = 0; i < answers.Length; i++)
        {
            if (decisions.Span[i] == Decisions.Adverse)
            {
                var row = call.Features.Slice(i * width, width);
                var found = inside ? explainer.Cheapest(row.Span, most, cancellationToken) : await SearchAsync(explainer.Search(row.Span, most), scorer, width, cancellationToken);
                answers[i] = await ConfirmAsync(found, row, route, scorer, cancellationToken);
            }
        }

        return answers;
    }

    private static async Task<Counterfactual?> SearchAsync(CounterfactualSearch search, IScorer scorer, int width, CancellationToken cancellationToken)
    {
        var scores = new double[CounterfactualSearch.BlockRows];
        while (search.Next() is { IsEmpty: false } rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var asked = scores.AsMemory(0, rows.Length / width);
            await scorer.ScoreAsync(rows, asked.Length, asked, cancellationToken);
            search.Take(asked.Span);
        }

        return search.Found;
    }

    /// <summary>What the route itself does not decide favourably is not told.</summary>
    private static async Task<AnswerCounterfactual> ConfirmAsync(
        Counterfactual? found, ReadOnlyMemory<float> row, RouteOutcome.Serves route, IScorer scorer, CancellationToken cancellationToken)
    {
        if (found is null)
        {
            return AnswerCounterfactual.None;
        }

        var (score, submission) = (new double[1], route.Version.Submission);
        await scorer.ScoreAsync(found.In(row.Span), rows: 1, score, cancellationToken);
        return Decisions.Of(score[0], submission.Threshold, submission.FavourablePrediction) == Decisions.Favourable
            ? new AnswerCounterfactual(Found: true, [.. found.Changes.Select(c => new FeatureChange(submission.Features[c.Feature], row.Span[c.Feature], c.Value))], score[0])
            : AnswerCounterfactual.None;
    }
}
