using Governance.Gateway.Schedules;
using Governance.Storage.Database.Requests;

namespace Governance.Gateway.Inference.Nodes;

/// <summary>Deletes reservations whose time is over: nothing of a request outlasts its hour for long, whoever it was about.</summary>
internal sealed class RequestIdCleaning(RequestTable table) : IScheduledWork
{
    private const int Batch = 1000;

    public Schedule Schedule { get; } = new(
        "request-ids", "Deletes from the shared database which gateway had requests of more than an hour ago", "0 */5 * * * ?", ScheduleScope.Shared, MissedTimes.Skip);

    /// <exception cref="Ledger.LedgerUnavailableException">The database does not answer.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await table.DeleteExpiredAsync(Batch, cancellationToken) == Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
