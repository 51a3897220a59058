using System.Net.ServerSentEvents;
using Governance.Checks;
using Governance.Client.Contracts;
using Governance.Core.Identity;

namespace Governance.Gateway.Portal;

/// <summary>What the pages about runs and schedules read and ask for: the same as the REST API. Thread-safe.</summary>
public interface IPortalRuns
{
    /// <summary>The checks one may ask for, in the order of the catalogue.</summary>
    IReadOnlyList<CheckDescriptor> Checks { get; }

    /// <summary>Engines a run may name; the usual one first.</summary>
    IReadOnlyList<string> Engines { get; }

    /// <summary>Null when there is no such run.</summary>
    RunDetails? Find(string runId);

    /// <summary>What its shards did; null when nothing is kept of that yet, or any more.</summary>
    RunExplanation? Explain(string runId);

    /// <summary>The end of what a shard wrote; null when there is no such shard.</summary>
    Task<string?> LogAsync(string runId, int shard, CancellationToken cancellationToken);

    /// <summary>The run's state whenever it changes, until it has ended. Only for a run that there is.</summary>
    /// <param name="seen">Id of the last event that was seen; null for none.</param>
    IAsyncEnumerable<SseItem<string>> WatchAsync(string runId, string? seen, CancellationToken cancellationToken);

    /// <summary>Starts a run; the outcome's id is the run's.</summary>
    Task<PortalOutcome> StartAsync(Caller caller, string modelId, int version, StartRunRequest request, string requestId, CancellationToken cancellationToken);

    /// <summary>Stops a run; what it recorded stays.</summary>
    Task<PortalOutcome> CancelAsync(Caller caller, RunDetails run, string requestId, CancellationToken cancellationToken);

    /// <summary>The work of the calendar, by name.</summary>
    Task<IReadOnlyList<ScheduleDetails>> SchedulesAsync(CancellationToken cancellationToken);
}
