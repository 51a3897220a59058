using Governance.Core.Identity;
using Governance.Ledger;

namespace Governance.Gateway.Keys;

/// <summary>Every hour: finishes what is unfinished, and rolls the key when its time has come.</summary>
internal sealed partial class PayloadKeyRolling(PayloadKeyCustody custody, TimeProvider time, ILogger<PayloadKeyRolling> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await TendAsync();
        }
        while (await NextAsync(timer, stoppingToken));
    }

    /// <summary>One round. Never throws: what fails is tried again in the next.</summary>
    internal async Task TendAsync()
    {
        try
        {
            var refusal = custody.IsDue ? await custody.RollAsync(SystemCaller.Instance) : null;
            refusal ??= await custody.ReconcileAsync();
            if (refusal is not null)
            {
                NotRolled(refusal.Detail);
            }
        }
        catch (LedgerException e)
        {
            Failed(e);
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The payload key was not rolled: {Reason}")]
    private partial void NotRolled(string reason);

    [LoggerMessage(2, LogLevel.Error, "The payload key could not be rolled")]
    private partial void Failed(Exception exception);
}
