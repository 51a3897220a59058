using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Gateway.Tests.Notifications;

/// <summary>Another system, on a socket of this machine: keeps what it is sent and answers as it is told to.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly ConcurrentQueue<ReceivedPost> received = new();
    private readonly WebApplication app;

    private WebhookReceiver(WebApplication app) => this.app = app;

    public HttpStatusCode Answer { get; set; } = HttpStatusCode.NoContent;

    public IReadOnlyList<ReceivedPost> Received => [.. received];

    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var receiver = new WebhookReceiver(builder.Build());
        receiver.app.MapPost("/{**path}", receiver.TakeAsync);
        await receiver.app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public Task WaitAsync(int count) => WaitAsync(() => received.Count >= count);

    public Task WaitAsync(Func<ReceivedPost, bool> some) => WaitAsync(() => received.Any(some));

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, TestContext.Current.CancellationToken);
        var answer = Answer;
        received.Enqueue(new ReceivedPost(
            request.Path, request.ContentType ?? "", request.Headers["webhook-id"].ToString(),
            long.TryParse(request.Headers["webhook-timestamp"], NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0,
            request.Headers["webhook-signature"].ToString(), body.ToArray(), answer)
        {
            Event = request.Headers.Where(h => h.Key.StartsWith("ce-", StringComparison.OrdinalIgnoreCase)).ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal),
        });
        return Results.StatusCode((int)answer);
    }
}

internal sealed record ReceivedPost(string Path, string ContentType, string Id, long Timestamp, string Signature, byte[] Body, HttpStatusCode Answered)
{
    /// <summary>Attributes of a CloudEvent in binary mode: headers that begin with <c>ce-</c>.</summary>
    public IReadOnlyDictionary<string, string> Event { get; init; } = new Dictionary<string, string>();
}
