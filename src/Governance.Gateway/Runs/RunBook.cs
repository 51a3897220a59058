using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.State;
using Governance.Gateway.Api;

namespace Governance.Gateway.Runs;

/// <summary>Runs by id, and as they go on: the same for the API and the portal. Thread-safe.</summary>
public sealed class RunBook(Governor governor, Views views, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Null when there is no such run.</summary>
    public RunDetails? Find(string runId) => Of(runId) is { } found ? views.Run(found.Version, found.Run) : null;

    /// <summary>Null when there is no such run.</summary>
    public (VersionState Version, RunState Run)? Of(string runId)
    {
        foreach (var version in governor.State.Models.Values.SelectMany(m => m.Versions.Values))
        {
            if (version.Runs.FirstOrDefault(r => r.Id == runId) is { } run)
            {
                return (version, run);
            }
        }

        return null;
    }

    /// <summary>
    /// The run's state whenever it changes, until it has ended. Each event is the whole state and has its digest as id: who comes back with the last
    /// one is sent what has changed since, and nothing else.
    /// </summary>
    /// <param name="runId">Of a run that there is.</param>
    /// <param name="seen">Id of the last event that was seen; null for none.</param>
    public async IAsyncEnumerable<SseItem<string>> WatchAsync(string runId, string? seen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        RunDetails? last = null;
        do
        {
            var run = Find(runId)!;
            if (!ReferenceEquals(run, last))
            {
                var json = GovernanceJson.Serialize(run);
                var id = Digest.Of(json).Hex[..16];
                if (id != seen)
                {
                    yield return new SseItem<string>(Encoding.UTF8.GetString(json), "run") { EventId = id };
                    seen = id;
                }
            }

            if (run.Status is not (RunStatus.Queued or RunStatus.Running))
            {
                yield break;
            }

            last = run;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
