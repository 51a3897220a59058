using System.Net.ServerSentEvents;
using Governance.Checks;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Governance.Gateway.Portal;
using Governance.Gateway.Runs;
using Governance.Gateway.Schedules;

namespace Governance.Gateway.PortalHost;

/// <summary>Runs and schedules for the pages: commands on the one path, with the form's request id as idempotency key.</summary>
internal sealed class PortalRuns(
    CommandPath path, RunStarter starter, RunSettingsReader reader, RunBook book, RunExplainer explainer, RunEngine engine, RunProgressBoard board, ScheduleBook schedules) : IPortalRuns
{
    public IReadOnlyList<CheckDescriptor> Checks { get; } = [.. CheckCatalogue.All.Select(c => c.Descriptor)];

    public IReadOnlyList<string> Engines => engine.Names;

    public RunDetails? Find(string runId) => book.Find(runId);

    public RunExplanation? Explain(string runId) => book.Of(runId) is { } found ? explainer.Explain(found.Run) : null;

    public async Task<string?> LogAsync(string runId, int shard, CancellationToken cancellationToken) =>
        book.Of(runId) is { } found ? await explainer.LogAsync(found.Run, shard, cancellationToken) : null;

    public IAsyncEnumerable<SseItem<string>> WatchAsync(string runId, string? seen, CancellationToken cancellationToken) => book.WatchAsync(runId, seen, cancellationToken);

    public async Task<PortalOutcome> StartAsync(Caller caller, string modelId, int version, StartRunRequest request, string requestId, CancellationToken cancellationToken)
    {
        var (settings, refused) = await reader.ReadAsync(request, path.Governor.State.Version(modelId, version), cancellationToken);
        if (refused is not null)
        {
            return new PortalOutcome(refused);
        }

        var (command, refusal) = starter.Command(modelId, version, request.Checks, request.Seed, request.NoCache, settings, request.ToOptions());
        if (command is null)
        {
            return new PortalOutcome(refusal);
        }

        // The run's id is made anew each time: what the key stands for is the form, not the id.
        var key = new RequestKey(requestId, Digest.Of(GovernanceJson.Serialize(new { modelId, version, request })));
        return await path.ExecuteAsync(caller, command, key, cancellationToken) switch
        {
            CommandOutcome.Accepted accepted => new PortalOutcome(null, starter.Enqueue(accepted.Events)),
            CommandOutcome.Refused denied => new PortalOutcome(denied.Refusal),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
    }

    public async Task<PortalOutcome> CancelAsync(Caller caller, RunDetails run, string requestId, CancellationToken cancellationToken)
    {
        var command = new CancelCheckRun(run.ModelId, run.Version, run.Id);
        var outcome = await path.ExecuteAsync(caller, command, new RequestKey(requestId, Digest.Of(GovernanceJson.Serialize(command))), cancellationToken);
        if (outcome is CommandOutcome.Refused refused)
        {
            return new PortalOutcome(refused.Refusal);
        }

        board.Cancel(run.Id);
        return new PortalOutcome(null, run.Id);
    }

    public Task<IReadOnlyList<ScheduleDetails>> SchedulesAsync(CancellationToken cancellationToken) => schedules.ListAsync(cancellationToken);
}
