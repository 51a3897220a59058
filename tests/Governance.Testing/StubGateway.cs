using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Governance.Testing;

/// <summary>A request as it arrived.</summary>
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
public sealed class StubGateway : IDisposable
{
    private readonly HttpListener listener;
    private readonly ConcurrentQueue<StubRequest> requests = new();
    private readonly ConcurrentDictionary<string, Func<StubRequest, Task<StubAnswer>>> answers = new(StringComparer.Ordinal);
    private readonly Task serving;

    public StubGateway()
    {
        (listener, Address) = Listen();
        serving = ServeAsync();
    }

    public Uri Address { get; }

    public IReadOnlyList<StubRequest> Requests => [.. requests];

    /// <param name="path">Path and query, as sent.</param>
    public void On(string method, string path, Func<StubRequest, Task<StubAnswer>> answer) => answers[method + " " + path] = answer;

    public void On(string method, string path, StubAnswer answer) => On(method, path, _ => Task.FromResult(answer));

    /// <summary>Gives the answers one after the other; the last again and again.</summary>
    public void OnEach(string method, string path, params StubAnswer[] each)
    {
        var next = -1;
        On(method, path, _ => Task.FromResult(each[Math.Min(Interlocked.Increment(ref next), each.Length - 1)]));
    }

    public void Dispose() => listener.Close();

    private static (HttpListener Listener, Uri Address) Listen()
    {
        while (true)
        {
            var address = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
            var candidate = new HttpListener();
            candidate.Prefixes.Add(address.AbsoluteUri);
            try
            {
                candidate.Start();
                return (candidate, address);
            }
            catch (HttpListenerException)
            {
                // Somebody took the port in between.
                candidate.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            var request = new StubRequest(
                context.Request.HttpMethod,
                context.Request.RawUrl ?? "",
                context.Request.Headers.AllKeys.OfType<string>().ToDictionary(k => k, k => context.Request.Headers[k]!, StringComparer.OrdinalIgnoreCase),
                body.ToArray());
            requests.Enqueue(request);
            var answer = answers.TryGetValue($"{request.Method} {request.Path}", out var known)
                ? await known(request)
                : StubAnswer.Problem(404, "stub-unknown", $"The stub knows no {request.Method} {request.Path}");
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.ContentType;
            context.Response.SendChunked = answer.Cut;
            if (!answer.Cut)
            {
                context.Response.ContentLength64 = answer.Body.Length;
            }

            await context.Response.OutputStream.WriteAsync(answer.Body);
            if (answer.Cut)
            {
                await context.Response.OutputStream.FlushAsync();
                context.Response.Abort();
                return;
            }

            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The client went away, or the stub was closed.
        }
    }
}
