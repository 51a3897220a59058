using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.State;
using Governance.Gateway.Policy;
using Governance.Gateway.Schedules;

namespace Governance.Gateway.Runs;

/// <summary>
/// Runs the checks of serving versions again before their evidence is too old: at the age that the policy's parameter <c>revalidation_days</c> gives
/// for the model's tier. A version with an open run is left alone.
/// </summary>
internal sealed partial class Revalidation(
    Governor governor, PolicyInForce policy, RunStarter starter, TimeProvider time, ILogger<Revalidation> log) : IScheduledWork
{
    public Schedule Schedule { get; } = new(
        "revalidation", "Runs the checks of serving versions again when their evidence reaches the age that policy says", "0 0 2 * * ?", ScheduleScope.Shared, MissedTimes.RunOnce);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (state, now) = (governor.State, time.GetUtcNow());
        foreach (var model in state.Models.Values)
        {
            var days = policy.Gate.Workflow(model.Registration.Tier).RevalidationDays;
            if (days > 0 && model.Champion is { } version && version.Runs.TrueForAll(r => r.Finished is not null)
                && Due(version, now - TimeSpan.FromDays(days)) is { Count: > 0 } checks)
            {
                await StartAsync(version, checks, cancellationToken);
            }
        }
    }

    /// <summary>Checks whose latest evidence is of that time or before.</summary>
    private static List<string> Due(VersionState version, DateTimeOffset before) => [.. version.Evidence.Values.Where(e => e.Time <= before).Select(e => e.Check)];

    private async Task StartAsync(VersionState version, List<string> checks, CancellationToken cancellationToken)
    {
        // Computed again, not looked up: it is there to find what has changed in the programs, the runtime or the files.
        var (command, refusal) = starter.Command(version.ModelId, version.Number, checks, RunStarter.DefaultSeed, noCache: true);
        switch (command is null ? new CommandOutcome.Refused(refusal!) : await governor.ExecuteAsync(command, SystemCaller.Instance, policy.Gate, request: null, cancellationToken))
        {
            case CommandOutcome.Accepted accepted:
                Started(starter.Enqueue(accepted.Events), version.Number, version.ModelId, checks.Count);
                break;
            case CommandOutcome.Refused { Refusal: var refused }:
                NotStarted(version.Number, version.ModelId, refused.Code);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Run {Run} revalidates version {Version} of {Model}: {Checks} checks")]
    private partial void Started(string run, int version, string model, int checks);

    [LoggerMessage(2, LogLevel.Error, "Version {Version} of {Model} could not be revalidated: {Code}")]
    private partial void NotStarted(int version, string model, string code);
}
