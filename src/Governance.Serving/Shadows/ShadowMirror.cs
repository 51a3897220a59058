using System.Threading.Channels;
using Governance.Core.Identity;
using Governance.Core.State;
using Governance.Serving.Protocol;
using Governance.Serving.Recording;
using Governance.Serving.Routing;

namespace Governance.Serving.Shadows;

/// <summary>
/// Puts answered requests to the shadows of their route, afterwards and in the background: scored and recorded as entries of their own type,
/// never answered. What does not fit the bounded queue is dropped and counted; a shadow never slows or fails an answer. Thread-safe.
/// </summary>
public sealed class ShadowMirror(IScorerSource scorers, InferenceRecorder recorder)
{
    private const int MostWaiting = 1_024;
    private const long MostValues = 4L << 20;

    private readonly Channel<Work> waiting = Channel.CreateBounded<Work>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private long values;
    private long mirrored;
    private long dropped;
    private long failed;

    /// <summary>Requests a shadow scored and that are recorded.</summary>
    public long Mirrored => Interlocked.Read(ref mirrored);

    /// <summary>Requests no shadow saw, because too many were waiting.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Requests a shadow could not score, or that could not be recorded.</summary>
    public long Failed => Interlocked.Read(ref failed);

    /// <summary>Takes note of an answered request; returns at once.</summary>
    /// <param name="call">Copied; the caller may reuse its memory.</param>
    public void Offer(InferenceCall call, RouteOutcome.Serves route, Caller client)
    {
        if (route.Shadows.Count == 0)
        {
            return;
        }

        if (Interlocked.Add(ref values, call.Features.Length) > MostValues
            || !waiting.Writer.TryWrite(new Work(call.Copy(), route, client)))
        {
            Interlocked.Add(ref values, -call.Features.Length);
            Interlocked.Increment(ref dropped);
        }
    }

    /// <summary>Works through what is offered until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var work in waiting.Reader.ReadAllAsync(cancellationToken))
        {
            foreach (var version in work.Route.Shadows)
            {
                var done = await MirrorAsync(work, version, cancellationToken);
                Interlocked.Increment(ref done ? ref mirrored : ref failed);
            }

            Interlocked.Add(ref values, -work.Call.Features.Length);
        }
    }

    private async Task<bool> MirrorAsync(Work work, VersionState version, CancellationToken cancellationToken)
    {
        var (call, submission) = (work.Call, version.Submission);
        // What entitles a shadow to see the request is its submission, which the gate allowed.
        var route = work.Route with { Route = work.Route.Route with { Version = version.Number, Decision = version.SubmittedPosition }, Version = version };
        try
        {
            var scores = new double[call.Rows];
            var scorer = await scorers.GetAsync(route, version, cancellationToken);
            await scorer.ScoreAsync(call.Features, call.Rows, scores, cancellationToken);
            var decisions = Array.ConvertAll(scores, s => Decisions.Of(s, submission.Threshold, submission.FavourablePrediction));
            var recorded = await recorder.RecordAsync(new ScoredCall(call, route, work.Client, scores, decisions, null) { IsShadow = true }, cancellationToken);
            return recorded.IsRecorded;
        }
        catch (ScoringException)
        {
            return false;
        }
    }

    private sealed record Work(InferenceCall Call, RouteOutcome.Serves Route, Caller Client);
}
