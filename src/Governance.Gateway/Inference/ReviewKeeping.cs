using Governance.Gateway.Hosting;
using Governance.Ledger;
using Governance.Serving.Reviews;

namespace Governance.Gateway.Inference;

/// <summary>
/// Keeps the reviews: ends those whose people were erased while the gateway was stopped, and writes the snapshot every ten minutes and at a clean stop, so
/// that a start reads little of the log.
/// </summary>
internal sealed partial class ReviewKeeping(ReviewDesk desk, GovernanceLogs logs, DataFolder data, TimeProvider time, ILogger<ReviewKeeping> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What was committed before one look is folded by the next: a snapshot never claims more than it holds.
        var folded = desk.Book.ReadUpTo;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await EndErasedAsync(stoppingToken);
                Write(folded);
                folded = logs.Inference.Log.Size;
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Write(logs.Inference.Log.Size);
    }

    private async Task EndErasedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await desk.EndErasedAsync(cancellationToken);
        }
        catch (LedgerException e)
        {
            NotEnded(e);
        }
    }

    private void Write(long folded)
    {
        try
        {
            ReviewSnapshotFile.Write(data.ReviewSnapshot, desk.Book.Snapshot(folded));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotWritten(e);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Reviews of erased people could not be ended; they are at the next look")]
    private partial void NotEnded(Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "The review snapshot could not be written; the next start reads more of the log")]
    private partial void NotWritten(Exception exception);
}
