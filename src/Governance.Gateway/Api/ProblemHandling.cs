using System.Text.Json;
using Governance.Core.Gates;
using Governance.Ledger;
using Microsoft.AspNetCore.Diagnostics;

namespace Governance.Gateway.Api;

/// <summary>Turns what the framework and our code throw into problem details. Nothing of an exception but a JSON position reaches the caller.</summary>
internal sealed partial class ProblemHandling(ILogger<ProblemHandling> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = exception switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-large", "The request is larger than this endpoint accepts."),
            BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
                Problems.Of(StatusCodes.Status408RequestTimeout, "too-slow", "The body arrived too slowly."),
            BadHttpRequestException { InnerException: JsonException json } => Problems.Of(StatusCodes.Status400BadRequest, "malformed-json", At(json)),
            BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } =>
                Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "Send application/json, or multipart/form-data for an upload."),
            RequestFaultException ours => Problems.Of(ours.StatusCode, "malformed-request", ours.Message),
            BadHttpRequestException bad => Problems.Of(bad.StatusCode, "malformed-request",
                "The body, or a parameter of the address, is missing or not of its type. See /openapi/v1.json."),
            JsonException json => Problems.Of(StatusCodes.Status400BadRequest, "malformed-json", At(json)),
            InvalidDataException => Problems.Of(StatusCodes.Status400BadRequest, "malformed-request", "The multipart form cannot be read or exceeds its limits."),
            PolicyUnavailableException => Problems.Of(StatusCodes.Status503ServiceUnavailable, "policy-unavailable",
                "The policy pack in force cannot be read, so nothing is decided. An operator must restore its files in the artefact store."),
            LedgerException => Problems.Of(StatusCodes.Status503ServiceUnavailable, "ledger-unavailable",
                "The ledger takes or gives no entries just now. Nothing was recorded. Try again shortly; if it lasts, an operator must look at its storage."),
            IOException or UnauthorizedAccessException => Problems.Of(StatusCodes.Status503ServiceUnavailable, "storage-unavailable",
                "The gateway cannot write to its storage just now. Nothing was recorded; try again later."),
            _ => Problems.Of(StatusCodes.Status500InternalServerError, "internal-error", "The gateway failed. Nothing more is known here; give the trace id to an operator."),
        };
        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            Failed(exception, httpContext.Request.Method, httpContext.Request.Path);
        }

        if (!httpContext.Response.HasStarted)
        {
            await Problems.WriteAsync(httpContext, problem);
        }

        return true;
    }

    private static string At(JsonException json) =>
        $"The body is not the JSON this endpoint reads, at {(string.IsNullOrEmpty(json.Path) ? "$" : json.Path)} (line {(json.LineNumber ?? 0) + 1}, byte {json.BytePositionInLine ?? 0}). See /openapi/v1.json.";

    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    private partial void Failed(Exception exception, string method, string path);
}
