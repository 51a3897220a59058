using Governance.Core;

namespace Governance.Gateway.Api;

/// <summary>Answers in the one JSON form, and the not-found answers several endpoints share.</summary>
internal static class Answers
{
    public static IResult Ok<T>(T value) => Results.Json(value, GovernanceJson.Options);

    public static IResult Created<T>(string location, T value) => new Located<T>(location, value, StatusCodes.Status201Created);

    public static IResult AcceptedAt<T>(string location, T value) => new Located<T>(location, value, StatusCodes.Status202Accepted);

    public static IResult NoModel(string id) =>
        Problems.Result(StatusCodes.Status404NotFound, "model-unknown", $"There is no model '{Shown(id)}'. List them with GET /api/v1/models.");

    public static IResult NoVersion(string id, int number) =>
        Problems.Result(StatusCodes.Status404NotFound, "version-unknown", $"Model '{Shown(id)}' has no version {number}.");

    /// <summary>What a caller sent, short enough to repeat.</summary>
    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";

    private sealed class Located<T>(string location, T value, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.Location = location;
            return Results.Json(value, GovernanceJson.Options, statusCode: status).ExecuteAsync(httpContext);
        }
    }
}
