using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Governance.Testing;

/// <summary>A request as it arrived.</summary>
/// <param name="Path">Path and query, as sent.</param>
public sealed record StubRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>What to answer. A cut answer breaks the connection after the body.</summary>
public sealed record StubAnswer(int Status, string ContentType, byte[] Body, bool Cut = false)
{
    public static StubAnswer Json(string json, int status = 200) => new(status, "application/json", Encoding.UTF8.GetBytes(json));

    public static StubAnswer Problem(int status, string code, string detail) => new(status, "application/problem+json", Encoding.UTF8.GetBytes(
        $$"""{"type":"urn:governance:problem:{{code}}","title":"No","status":{{status}},"detail":"{{detail}}","code":"{{code}}"}"""));

    public static StubAnswer Text(string text, string contentType = "text/plain", int status = 200) => new(status, contentType, Encoding.UTF8.GetBytes(text));
}

/// <summary>An HTTP server on loopback, in this process, that answers what it is told to and remembers what it was asked. Thread-safe.</summary>
public sealed class StubGateway : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly ConcurrentQueue<StubRequest> requests = new();
    private readonly ConcurrentDictionary<string, Func<StubRequest, CancellationToken, Task<StubAnswer>>> answers = new(StringComparer.Ordinal);

    private StubGateway(WebApplication server) => this.server = server;

    public Uri Address => new(server.Urls.Single());

    public IReadOnlyList<StubRequest> Requests => [.. requests];

    public static async Task<StubGateway> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var gateway = new StubGateway(builder.Build());
        gateway.server.Run(gateway.AnswerAsync);
        await gateway.server.StartAsync();
        return gateway;
    }

    /// <param name="path">Path and query, as sent.</param>
    /// <param name="answer">Given the request, and a token that is cancelled when the client goes away.</param>
    public void On(string method, string path, Func<StubRequest, CancellationToken, Task<StubAnswer>> answer) => answers[method + " " + path] = answer;

    public void On(string method, string path, StubAnswer answer) => On(method, path, (_, _) => Task.FromResult(answer));

    /// <summary>Gives the answers one after the other; the last again and again.</summary>
    public void OnEach(string method, string path, params StubAnswer[] each)
    {
        var next = -1;
        On(method, path, (_, _) => Task.FromResult(each[Math.Min(Interlocked.Increment(ref next), each.Length - 1)]));
    }

    /// <summary>From now on nobody answers at this address.</summary>
    public Task StopAsync() => server.StopAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = new StubRequest(
            context.Request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        requests.Enqueue(request);
        var answer = answers.TryGetValue($"{request.Method} {request.Path}", out var known)
            ? await known(request, context.RequestAborted)
            : StubAnswer.Problem(404, "stub-unknown", $"The stub knows no {request.Method} {request.Path}");
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        await context.Response.Body.WriteAsync(answer.Body);
        if (answer.Cut)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }
}
