using System.Diagnostics;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Gateway.Portal;

namespace Governance.Gateway.Api;

/// <summary>RFC 9457 problem details: the one form every error of the API has. Under /v2 it carries the Open Inference Protocol's member <c>error</c> too.</summary>
public static class Problems
{
    public const string ContentType = "application/problem+json";

    public static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => StatusCodes.Status422UnprocessableEntity,
        RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict or RefusalKind.Gate => StatusCodes.Status409Conflict,
        RefusalKind.Exhausted => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    public static IResult Result(Refusal refusal) => new ProblemResult(Of(StatusOf(refusal.Kind), refusal.Code, refusal.Detail) with
    {
        Faults = refusal.Faults.Count > 0 ? refusal.Faults : null,
        Gate = refusal.Gate,
    });

    public static IResult Result(int status, string code, string detail, IReadOnlyList<string>? faults = null, string? rule = null) =>
        new ProblemResult(Of(status, code, detail) with { Faults = faults, Rule = rule });

    public static Problem Of(int status, string code, string detail) => new()
    {
        Type = "urn:governance:problem:" + code,
        Title = Title(status),
        Status = status,
        Code = code,
        Detail = detail,
        TraceId = Activity.Current?.TraceId.ToHexString(),
    };

    /// <summary>For an answer that has a status and nothing else: the server's own refusals.</summary>
    public static Problem OfStatus(int status) => Of(
        status,
        status switch
        {
            StatusCodes.Status404NotFound => "not-found",
            StatusCodes.Status405MethodNotAllowed => "method-not-allowed",
            StatusCodes.Status415UnsupportedMediaType => "unsupported-media-type",
            _ => "http-" + status.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
        "See /openapi/v1.json for what there is and how to call it.");

    public static async Task WriteAsync(HttpContext http, Problem problem)
    {
        var complete = problem with
        {
            Instance = http.Request.Path,
            TraceId = problem.TraceId ?? http.TraceIdentifier,
            Error = http.Request.Path.StartsWithSegments("/v2", StringComparison.OrdinalIgnoreCase) ? problem.Detail ?? problem.Title : null,
        };
        if (ProblemPages.AskedFor(http.Request))
        {
            await ProblemPages.WriteAsync(http, complete);
            return;
        }

        http.Response.StatusCode = problem.Status;
        http.Response.ContentType = ContentType;
        await http.Response.Body.WriteAsync(GovernanceJson.Serialize(complete), http.RequestAborted);
    }

    private static string Title(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request cannot be read",
        StatusCodes.Status401Unauthorized => "Who are you?",
        StatusCodes.Status403Forbidden => "You may not do this",
        StatusCodes.Status404NotFound => "There is no such thing",
        StatusCodes.Status409Conflict => "Not in the current state",
        StatusCodes.Status410Gone => "It was erased",
        StatusCodes.Status413PayloadTooLarge => "The request is too large",
        StatusCodes.Status415UnsupportedMediaType => "Not a form this endpoint reads",
        StatusCodes.Status422UnprocessableEntity => "The content is not acceptable",
        StatusCodes.Status429TooManyRequests => "Too many requests",
        StatusCodes.Status503ServiceUnavailable => "Not available now",
        _ => "The request failed",
    };

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, problem);
    }
}
