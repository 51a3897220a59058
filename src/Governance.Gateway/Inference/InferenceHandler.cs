using System.Diagnostics;
using System.Runtime.CompilerServices;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Governance.Gateway.Exports;
using Governance.Gateway.Hosting;
using Governance.Gateway.Inference.Nodes;
using Governance.Gateway.Inference.Protection;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Inference;

/// <summary>An answer and what it answers.</summary>
internal readonly record struct AnsweredCall(string Name, RouteOutcome.Serves Route, InferenceCall Call, InferenceOutcome.Answered Outcome);

/// <summary>
/// The one way from an HTTP request to an answer, whatever protocol it speaks: caller, route, body, service, answer or problem. Thread-safe.
/// </summary>
internal sealed class InferenceHandler(
    Governor governor, IScorerSource scorers, InferenceService service, IInferenceObserver observer, Admission admission, PayloadExports exports, LogFreshness freshness,
    RequestRelay relay, IOptions<GatewayOptions> options)
{
    /// <summary>Reads a request's body.</summary>
    public delegate ValueTask<(InferenceCall? Call, InferenceFault? Fault)> Reader(HttpContext http, InferenceShape shape);

    /// <summary>Writes an answer; returns the bytes of its JSON, what follows being binary.</summary>
    public delegate int Writer(in AnsweredCall answer, ResponseBuffer buffer);

    /// <remarks>To be awaited once: every request waits in here for the disk, in memory that is used again.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<IResult> AnswerAsync(HttpContext http, Caller caller, string name, int? version, Reader read, Writer write)
    {
        var started = Stopwatch.GetTimestamp();
        if (!caller.Is(Role.Client))
        {
            return NotAnswered(name, version: null, started, StatusCodes.Status403Forbidden, "role-required", "Only applications with the role client may ask for decisions.");
        }

        var resolved = RouteTable.Resolve(governor.State, name, version);
        if (resolved is not RouteOutcome.Serves route)
        {
            // A version that is not of the model may be made up, and is not counted by its number.
            var (code, known) = resolved is RouteOutcome.Closed closed ? (closed.Code, version) : ("model-unknown", null);
            observer.NotAnswered(name, known, code, Stopwatch.GetElapsedTime(started));
            return Closed(resolved, name);
        }

        if (freshness.IsStale)
        {
            http.Response.Headers.RetryAfter = "1";
            return NotAnswered(name, route.Version.Number, started, StatusCodes.Status503ServiceUnavailable, LogFreshness.Code, LogFreshness.Detail);
        }

        using var pass = await admission.EnterAsync(route, caller, http.RequestAborted);
        if (pass.Refused is { } shed)
        {
            http.Response.Headers.RetryAfter = "1";
            return NotAnswered(name, route.Version.Number, started, shed.Status, shed.Code, shed.Detail);
        }

        IScorer scorer;
        try
        {
            scorer = await scorers.GetAsync(route, route.Version, http.RequestAborted);
        }
        catch (ScoringException e)
        {
            return NotAnswered(name, route.Version.Number, started, StatusCodes.Status503ServiceUnavailable, e.Code, e.Message);
        }

        var (call, fault) = await read(http, new InferenceShape(scorer.InputName, scorer.Features, Math.Min(options.Value.MaxInferenceRows, route.Settings.Limits?.Rows ?? int.MaxValue)) { Groups = route.Settings.Groups });
        if (call is null)
        {
            return NotAnswered(name, route.Version.Number, started, fault!.Status, fault.Code, fault.Detail);
        }

        using (call)
        {
            var arm = route.For(call);
            var outcome = await service.InferAsync(call, arm, caller, http.RequestAborted);
            if (outcome is InferenceOutcome.Elsewhere elsewhere)
            {
                // Waiting for another gateway takes none of this one's turns.
                pass.Dispose();
                return await PassOnAsync(http, name, arm, elsewhere, started);
            }

            exports.Offer(arm, scorer.InputName, call, outcome);
            return outcome is InferenceOutcome.Answered answered
                ? await SendAsync(http, new AnsweredCall(name, arm, call, answered), write)
                : Problem(http, outcome);
        }
    }

    /// <summary>Answers with the route's scorer, or says why there is none: unknown, not promoted, suspended, or its file is not what was promoted.</summary>
    public async Task<IResult> WithScorerAsync(string name, int? version, Func<RouteOutcome.Serves, IScorer, IResult> answer, CancellationToken cancellationToken)
    {
        var resolved = RouteTable.Resolve(governor.State, name, version);
        if (resolved is not RouteOutcome.Serves route)
        {
            return Closed(resolved, name);
        }

        try
        {
            return answer(route, await scorers.GetAsync(route, route.Version, cancellationToken));
        }
        catch (ScoringException e)
        {
            return Problems.Result(StatusCodes.Status503ServiceUnavailable, e.Code, e.Message);
        }
    }

    private async ValueTask<IResult> PassOnAsync(HttpContext http, string name, RouteOutcome.Serves route, InferenceOutcome.Elsewhere elsewhere, long started)
    {
        if (await relay.AnswerAsync(http, elsewhere) is not { } reason)
        {
            return Results.Empty;
        }

        http.Response.Headers.RetryAfter = "1";
        return NotAnswered(name, route.Version.Number, started, StatusCodes.Status503ServiceUnavailable, RequestRelay.Code, reason);
    }

    /// <summary>The answer is written in one piece, so that its length goes before it.</summary>
    private static async ValueTask<IResult> SendAsync(HttpContext http, AnsweredCall answer, Writer write)
    {
        var buffer = ResponseBuffer.Begin();
        var jsonLength = write(answer, buffer);
        var written = buffer.Written;
        var response = http.Response;
        if (jsonLength == written.Length)
        {
            response.ContentType = "application/json; charset=utf-8";
        }
        else
        {
            response.ContentType = InferenceBody.BinaryType;
            response.Headers[InferenceBody.JsonLengthHeader] = jsonLength.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        response.ContentLength = written.Length;
        written.CopyTo(response.BodyWriter.GetMemory(written.Length));
        response.BodyWriter.Advance(written.Length);
        await response.BodyWriter.FlushAsync(http.RequestAborted);
        return Results.Empty;
    }

    private IResult NotAnswered(string name, int? version, long started, int status, string code, string detail)
    {
        observer.NotAnswered(name, version, code, Stopwatch.GetElapsedTime(started));
        return Problems.Result(status, code, detail);
    }

    private static IResult Problem(HttpContext http, InferenceOutcome outcome)
    {
        if (outcome is InferenceOutcome.Refused { Refusal: var refusal } refused)
        {
            return Problems.Result(
                StatusCodes.Status403Forbidden, InferenceOutcome.Refused.Code, $"{refusal.Message} {refusal.Remediation}",
                [$"{refusal.Rule}: {refusal.Title} ({refusal.Citation}); entry {refused.Index} of the log {GovernanceLogs.InferenceName}"], refusal.Rule);
        }

        var failed = (InferenceOutcome.Failed)outcome;
        if (failed.Status == StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = "1";
        }

        return Problems.Result(failed.Status, failed.Code, failed.Detail);
    }

    private static IResult Closed(RouteOutcome outcome, string name) => outcome is RouteOutcome.Closed closed
        ? Problems.Result(StatusCodes.Status409Conflict, closed.Code, closed.Detail, rule: closed.Rule)
        : Answers.NoModel(name);
}
