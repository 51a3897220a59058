using Governance.Core.Decisions;
using Governance.Gateway.Hosting;
using Governance.Ledger;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Notifications;

/// <summary>
/// Follows the governance log for each target and posts what it wants to know, in order, at least once. A notice that is not taken is tried again with
/// growing pauses, up to <see cref="MostAttempts"/> times (about a day); then it is logged and left, so that one bad notice does not end all.
/// A new target is told from now on, not the past.
/// </summary>
internal sealed partial class WebhookDelivery(
    Governor governor, IEventStore events, DataFolder data, IOptions<GatewayOptions> options, TimeProvider time, ILogger<WebhookDelivery> log) : BackgroundService
{
    public const int MostAttempts = 60;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);

    /// <summary>The pause after so many failed attempts: doubling from a second to half an hour.</summary>
    internal static TimeSpan Pause(int attempts) => TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(attempts - 1, 20)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Webhooks.Count == 0)
        {
            return;
        }

        var folder = Path.Combine(data.Root, "notifications");
        KeyFile.CreatePrivateFolder(folder);
        await Task.WhenAll(options.Value.Webhooks.Select(t => FollowAsync(t.Key, t.Value, new DeliveryPlace(folder, t.Key), stoppingToken)));
    }

    private async Task FollowAsync(string name, WebhookOptions settings, DeliveryPlace place, CancellationToken stoppingToken)
    {
        using var target = new WebhookTarget(name, settings, time);
        try
        {
            var next = Start(place);
            using var timer = new PeriodicTimer(Look, time);
            do
            {
                next = await TellAsync(target, place, next, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private long Start(DeliveryPlace place)
    {
        var position = governor.State.Position;
        if (place.Read() is { } known)
        {
            return Math.Min(known, position);
        }

        place.Write(position);
        return position;
    }

    private async Task<long> TellAsync(WebhookTarget target, DeliveryPlace place, long next, CancellationToken cancellationToken)
    {
        try
        {
            if (next >= governor.State.Position)
            {
                return next;
            }

            await foreach (var recorded in events.ReadAsync(next, cancellationToken))
            {
                if (Notices.Of(recorded, options.Value.Origin) is { } notice && target.Wants(notice.Type))
                {
                    await DeliverAsync(target, notice, cancellationToken);
                }

                next = recorded.Position + 1;
                place.Write(next);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LedgerException or Storage.EventUnreadableException)
        {
            NotFollowed(target.Name, e);
        }

        return next;
    }

    private async Task DeliverAsync(WebhookTarget target, CloudEvent<Notice> notice, CancellationToken cancellationToken)
    {
        for (var attempt = 1; await target.PostAsync(notice, cancellationToken) is { } reason; attempt++)
        {
            if (attempt == MostAttempts)
            {
                GivenUp(target.Name, notice.Id, attempt, reason);
                return;
            }

            if (attempt == 1)
            {
                NotTaken(target.Name, notice.Id, reason);
            }

            await Task.Delay(Pause(attempt), time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Webhook {Target} did not take notice {Notice}: {Reason}; it is tried again")]
    private partial void NotTaken(string target, string notice, string reason);

    [LoggerMessage(2, LogLevel.Error, "Webhook {Target} did not take notice {Notice} in {Attempts} attempts: {Reason}; it is left out")]
    private partial void GivenUp(string target, string notice, int attempts, string reason);

    [LoggerMessage(3, LogLevel.Error, "The governance log could not be followed for webhook {Target}")]
    private partial void NotFollowed(string target, Exception exception);
}
