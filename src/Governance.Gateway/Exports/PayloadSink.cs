using System.Globalization;
using System.Net.Http.Headers;
using System.Threading.Channels;
using Governance.Gateway.Notifications;
using Governance.Serving.Routing;

namespace Governance.Gateway.Exports;

/// <summary>
/// One sink: a bounded queue, and a few senders that post each exchange once, as KServe's payload logger does: two CloudEvents in binary mode, request and answer, of one id.
/// What does not fit the queue is dropped, what the sink does not take is lost; both are counted. An answer never waits for it. Thread-safe.
/// </summary>
internal sealed class PayloadSink(string name, PayloadSinkOptions options, string origin, TimeProvider time) : IDisposable
{
    public const string RequestType = "org.kubeflow.serving.inference.request";
    public const string ResponseType = "org.kubeflow.serving.inference.response";

    /// <summary>Exchanges that wait.</summary>
    public const int MostWaiting = 1_024;

    private const long MostValues = 4L << 20;
    private const int Senders = 4;

    private readonly Channel<ExportedExchange> waiting = Channel.CreateBounded<ExportedExchange>(MostWaiting);
    private readonly SignedPoster poster = new(options, time);
    private long values;
    private long sent;
    private long dropped;
    private long failed;

    public string Name => name;

    /// <summary>Exchanges whose two events the sink took.</summary>
    public long Sent => Interlocked.Read(ref sent);

    /// <summary>Exchanges that were never sent, because too many were waiting.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Exchanges of which the sink did not take an event.</summary>
    public long Failed => Interlocked.Read(ref failed);

    /// <summary>Why the last one failed, for operators; null while none did.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>Takes note of an exchange; returns at once.</summary>
    /// <param name="make">Makes it, when there is room.</param>
    public void Offer(int size, Func<ExportedExchange> make)
    {
        if (Interlocked.Add(ref values, size) > MostValues || !waiting.Writer.TryWrite(make()))
        {
            Interlocked.Add(ref values, -size);
            Interlocked.Increment(ref dropped);
        }
    }

    /// <summary>Sends what is offered until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => SendAllAsync(cancellationToken)));

    public void Dispose() => poster.Dispose();

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        await foreach (var exchange in waiting.Reader.ReadAllAsync(cancellationToken))
        {
            var refused = await PostAsync(exchange, "request", RequestType, exchange.Request(), cancellationToken)
                ?? await PostAsync(exchange, "response", ResponseType, exchange.Response(), cancellationToken);
            Interlocked.Add(ref values, -exchange.Call.Features.Length);
            Interlocked.Increment(ref refused is null ? ref sent : ref failed);
            LastFailure = refused ?? LastFailure;
        }
    }

    private Task<string?> PostAsync(ExportedExchange exchange, string part, string type, byte[] body, CancellationToken cancellationToken) => poster.PostAsync(
        $"{exchange.Name}/{part}", body, new MediaTypeHeaderValue("application/json"),
        [
            new("ce-specversion", "1.0"), new("ce-id", exchange.Name), new("ce-source", "//" + origin), new("ce-type", type),
            new("ce-time", exchange.Time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)),
            new("ce-inferenceservicename", exchange.Route.Route.Name), new("ce-namespace", "governance"), new("ce-component", "predictor"),
            new("ce-endpoint", exchange.Route.Arm == RouteArm.Canary ? "canary" : "default"),
        ],
        cancellationToken);
}
