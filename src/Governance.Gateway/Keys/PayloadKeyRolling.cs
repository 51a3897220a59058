using Governance.Core.Identity;
using Governance.Gateway.Schedules;

namespace Governance.Gateway.Keys;

/// <summary>Finishes what is unfinished of the payload key's life, and rolls the key when its time has come.</summary>
internal sealed partial class PayloadKeyRolling(PayloadKeyCustody custody, ILogger<PayloadKeyRolling> log) : IScheduledWork
{
    /// <summary>On every gateway: each has payloads of its own, and its own key.</summary>
    public Schedule Schedule { get; } = new(
        "key-roll", "Rolls this gateway's payload key when it is due and finishes what a crash left unfinished", "0 30 * * * ?", ScheduleScope.Node, MissedTimes.RunOnce);

    /// <exception cref="Ledger.LedgerException">Vault or storage refuse.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var refusal = custody.IsDue ? await custody.RollAsync(SystemCaller.Instance) : null;
        refusal ??= await custody.ReconcileAsync();
        if (refusal is not null)
        {
            NotRolled(refusal.Detail);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The payload key was not rolled: {Reason}")]
    private partial void NotRolled(string reason);
}
