using System.Diagnostics;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Governance.Gateway.Inference.Direct;

/// <summary>
/// The direct way to a decision: <c>POST /v2/models/{name}/infer</c> of a caller whose token is valid goes from the server to <see cref="InferenceHandler"/>
/// without the pipeline of pages and administration before it. It decides nothing by itself: whatever is not plainly such a request takes the
/// pipeline, where the same handler answers it. Thread-safe.
/// </summary>
internal sealed class DirectInference(
    InferenceHandler handler, ITokenValidator tokens, IEnumerable<IExceptionHandler> faults, IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>Traces of requests that take this way.</summary>
    public const string TraceSource = "Governance.Inference";

    private const string Prefix = "/v2/models/";
    private const string Suffix = "/infer";
    private const string Scheme = "Bearer ";
    private const string Json = "application/json";
    private const string Template = "/v2/models/{name}/infer";
    private static readonly ActivitySource Traces = new(TraceSource);
    private readonly IExceptionHandler[] faults = [.. faults];

    public IServiceScopeFactory Scopes => scopes;

    /// <summary>The route a request asks for; null when it takes the pipeline.</summary>
    public static string? RouteOf(IHttpRequestFeature request)
    {
        var path = request.Path;
        if (!HttpMethods.IsPost(request.Method) || !path.StartsWith(Prefix, StringComparison.Ordinal) || !path.EndsWith(Suffix, StringComparison.Ordinal))
        {
            return null;
        }

        var length = path.Length - Prefix.Length - Suffix.Length;
        return length > 0 && path.AsSpan(Prefix.Length, length).IndexOf('/') < 0 && IsRead(request.Headers.ContentType) ? path.Substring(Prefix.Length, length) : null;
    }

    /// <summary>Whose token the request carries; null when that must be found out, or refused, by the pipeline.</summary>
    public Caller? FindCaller(HttpContext http, KnownToken known)
    {
        var header = http.Request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } authorization || !authorization.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (known.Find(authorization, now) is { } caller)
        {
            return caller;
        }

        var validation = tokens.ValidateAsync(authorization[Scheme.Length..], http.RequestAborted);
        if (!validation.IsCompletedSuccessfully || validation.Result is not TokenOutcome.Valid { Caller: var valid })
        {
            return null;
        }

        known.Remember(authorization, valid, now);
        return valid;
    }

    public async Task AnswerAsync(HttpContext http, Caller caller, string route)
    {
        using var trace = Traces.HasListeners() ? Begin(http) : null;
        try
        {
            var result = await handler.AnswerAsync(http, caller, route, version: null, InferenceEndpoints.Read, InferenceEndpoints.Write);
            if (result is not EmptyHttpResult)
            {
                await result.ExecuteAsync(http);
            }
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, e);
        }

        trace?.SetTag("http.response.status_code", http.Response.StatusCode);
    }

    private async Task RefuseAsync(HttpContext http, Exception exception)
    {
        http.Response.Clear();
        foreach (var fault in faults)
        {
            if (await fault.TryHandleAsync(http, exception, http.RequestAborted))
            {
                return;
            }
        }

        throw exception;
    }

    private static Activity? Begin(HttpContext http)
    {
        var headers = http.Request.Headers;
        var parent = ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var context) ? context : default;
        var trace = Traces.StartActivity("POST " + Template, ActivityKind.Server, parent);
        trace?.SetTag("http.request.method", HttpMethods.Post);
        trace?.SetTag("http.route", Template);
        return trace;
    }

    private static bool IsRead(string? contentType) =>
        contentType is Json or InferenceBody.BinaryType || (contentType?.StartsWith(Json + ";", StringComparison.OrdinalIgnoreCase) ?? false);
}
