using Governance.Core.Decisions;
using Governance.Ledger;
using Governance.Storage.Database;

namespace Governance.Gateway.Hosting;

/// <summary>Folds what other nodes record: at once where the database tells, and every second in any case.</summary>
internal sealed partial class LogFollowing(Governor governor, DatabaseSignal signal, LogFreshness freshness, TimeProvider time, ILogger<LogFollowing> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await signal.WaitAsync(Interval, stoppingToken);
                var asked = time.GetTimestamp();
                await governor.CatchUpAsync(stoppingToken);
                freshness.Followed(asked);
                if (failing)
                {
                    Following();
                    failing = false;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is LedgerException or Storage.EventUnreadableException)
            {
                // Said once; this node decides on what it knows, for so long as that is fresh enough, and its appends are refused until it has caught up.
                if (!failing)
                {
                    NotFollowing(e);
                    failing = true;
                }
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The governance log of the other nodes cannot be followed")]
    private partial void NotFollowing(Exception exception);

    [LoggerMessage(2, LogLevel.Information, "The governance log of the other nodes is followed again")]
    private partial void Following();
}
