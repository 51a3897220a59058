using Governance.Serving.Shadows;

namespace Governance.Gateway.Inference;

/// <summary>Lets the shadows work while the gateway runs, and says at most once a minute when some requests were not mirrored.</summary>
internal sealed partial class ShadowWork(ShadowMirror mirror, TimeProvider time, ILogger<ShadowWork> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(mirror.RunAsync(stoppingToken), TellAsync(stoppingToken));
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        for (var (told, now) = (0L, 0L); await timer.WaitForNextTickAsync(cancellationToken); told = now)
        {
            now = mirror.Dropped + mirror.Failed;
            if (now > told)
            {
                NotMirrored(now - told);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Count} answered requests were not mirrored to a shadow in the last minute")]
    private partial void NotMirrored(long count);
}
