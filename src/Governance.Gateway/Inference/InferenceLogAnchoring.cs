using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Hosting;
using Governance.Gateway.Policy;
using Governance.Ledger;

namespace Governance.Gateway.Inference;

/// <summary>Records the inference log's checkpoint in the governance log, once a minute when it grew and at a clean stop, so that one root covers both.</summary>
internal sealed partial class InferenceLogAnchoring(
    GovernanceLogs logs, Governor governor, PolicyInForce policy, TimeProvider time, ILogger<InferenceLogAnchoring> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private long anchored;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        anchored = logs.Inference.Log.Size;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await AnchorAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await AnchorAsync();
        }
    }

    private async Task AnchorAsync()
    {
        try
        {
            var checkpoint = Checkpoint.Parse(logs.Inference.Log.PublishCheckpoint().Text)!;
            if (checkpoint.Size == anchored)
            {
                return;
            }

            var outcome = await governor.ExecuteAsync(
                new AnchorInferenceLog(checkpoint.Origin, checkpoint.Size, checkpoint.Root.ToString()), SystemCaller.Instance, policy.Gate, request: null,
                CancellationToken.None);
            if (outcome is CommandOutcome.Accepted)
            {
                anchored = checkpoint.Size;
            }
        }
        catch (LedgerException e)
        {
            NotAnchored(e);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The inference log could not be anchored")]
    private partial void NotAnchored(Exception exception);
}
