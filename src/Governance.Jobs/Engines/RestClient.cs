using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Jobs.Engines;

/// <param name="Body">Empty when the answer is no JSON object.</param>
internal sealed record RestAnswer(HttpStatusCode Status, JsonObject Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}

/// <summary>
/// A back end's REST API: bounded answers, a time limit, and every way to fail as an <see cref="EngineException"/> whose message holds no
/// secret. Thread-safe.
/// </summary>
/// <param name="who">The back end, for messages.</param>
/// <param name="token">The token of the next request; null for none.</param>
/// <param name="show">Puts the token into a request's headers. Default: as a bearer token.</param>
internal sealed class RestClient(
    string who, SocketsHttpHandler handler, Uri address, TimeSpan timeout, Func<CancellationToken, Task<string?>> token, Action<HttpRequestHeaders, string>? show = null) : IDisposable
{
    private const int MaxAnswerBytes = 64 << 20;

    private readonly HttpClient http = new(handler) { BaseAddress = address, Timeout = timeout, MaxResponseContentBufferSize = MaxAnswerBytes };

    /// <exception cref="EngineException">There is no answer, or not one that can be read.</exception>
    public Task<RestAnswer> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken, string mediaType = "application/json") =>
        AskAsync(method, path, body, mediaType, async response =>
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return new RestAnswer(response.StatusCode, Parse(text, response.IsSuccessStatusCode));
        }, HttpCompletionOption.ResponseContentRead, cancellationToken);

    /// <summary>The end of a text, at most <see cref="ShardLog.MaxBytes"/>; null unless the answer is a success.</summary>
    public Task<string?> TailAsync(string path, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, path, null, "", async response =>
        {
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await ShardLog.TailAsync(stream, MaxAnswerBytes, cancellationToken);
        }, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public void Dispose() => http.Dispose();

    private async Task<T> AskAsync<T>(
        HttpMethod method, string path, JsonObject? body, string mediaType, Func<HttpResponseMessage, Task<T>> read, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            // With a length: slurmrestd reads no chunks.
            request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue(mediaType));
        }

        if (await token(cancellationToken) is { } shown)
        {
            (show ?? Bearer)(request.Headers, shown);
        }

        try
        {
            using var response = await http.SendAsync(request, completion, cancellationToken);
            return await read(response);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.SecureConnectionError)
        {
            throw new EngineException(EngineFault.Refused, $"{who} at {address.Host} shows a certificate that is not trusted, or refuses ours.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new EngineException(EngineFault.Unreachable, $"{who} at {address.Host} cannot be reached ({(e as HttpRequestException)?.HttpRequestError ?? HttpRequestError.ResponseEnded}).", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException(EngineFault.Unreachable, $"{who} at {address.Host} did not answer within {timeout.TotalSeconds:0} s.", e);
        }
    }

    private static void Bearer(HttpRequestHeaders headers, string token) => headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");

    private JsonObject Parse(string text, bool success)
    {
        try
        {
            if (JsonNode.Parse(text) is JsonObject json)
            {
                return json;
            }
        }
        catch (JsonException)
        {
            // Not JSON: an error page, or a broken answer. The status says the rest.
        }

        return success ? throw new EngineException(EngineFault.Unreachable, $"{who}'s answer is not a JSON object.") : [];
    }
}
