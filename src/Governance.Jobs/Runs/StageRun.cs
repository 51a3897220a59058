using System.Globalization;
using Governance.Core;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Runs;

/// <summary>One stage of a plan on an engine: submit, watch, try again, until no shard is open. Used once.</summary>
internal sealed class StageRun(
    IShardEngine engine, ShardCommand command, RetryPolicy retry, TimeProvider time, CheckPlan plan, RunFolder folder, PlanWork work)
{
    private const string HeapLimit = "DOTNET_GCHeapHardLimit";
    private readonly JobTickets tickets = new(folder);
    private readonly Dictionary<int, Active> active = [];
    private readonly SortedSet<int> waiting = [];
    private readonly HashSet<string> earlier = [];
    private readonly Dictionary<int, int> lost = [];
    private readonly Dictionary<int, int> failed = [];
    private long? unreachableSince;

    /// <param name="cancel">When this one is cancelled, the shards are stopped too.</param>
    public async Task RunAsync(IReadOnlyList<int> indices, IProgress<PlanProgress>? progress, CancellationToken cancellationToken, CancellationToken cancel)
    {
        var open = indices.Where(work.IsOpen).ToHashSet();
        earlier.UnionWith(open.SelectMany(folder.Reports).Select(r => r.Nonce));
        Reattach(open);
        waiting.UnionWith(open.Where(i => !active.ContainsKey(i)));
        try
        {
            while (waiting.Count > 0 || active.Count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await TryAskingAsync(cancellationToken);
                progress?.Report(work.Progress(active.Keys));
                if (active.Count > 0 || waiting.Count > 0)
                {
                    await Task.Delay(engine.PollInterval, time, cancellationToken);
                }
            }

            tickets.CloseAll();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await StopAsync();
            throw;
        }
    }

    /// <summary>Jobs of an earlier run of this plan whose shards are still open.</summary>
    private void Reattach(HashSet<int> open)
    {
        foreach (var ticket in tickets.Open().Where(t => t.Engine == engine.Name))
        {
            foreach (var index in ticket.Job.Indices.Where(open.Contains))
            {
                active[index] = new Active(ticket, time.GetTimestamp());
            }
        }
    }

    private async Task SubmitAsync(CancellationToken cancellationToken)
    {
        if (waiting.Count == 0)
        {
            return;
        }

        var job = new ShardJob
        {
            Name = $"gov-{plan.Id().Hex[..12]}-{tickets.NextName()}",
            Indices = [.. waiting],
            Command = command with
            {
                Arguments = [.. command.Arguments, folder.PlanPath],
                Environment = new Dictionary<string, string>(command.Environment, StringComparer.Ordinal) { [HeapLimit] = HeapLimitOf(plan.Resources) },
            },
            Resources = plan.Resources,
            Folder = folder.Root,
        };
        var ticket = tickets.Write(new JobTicket(engine.Name, job, await engine.SubmitAsync(job, cancellationToken)));
        foreach (var index in waiting)
        {
            active[index] = new Active(ticket, time.GetTimestamp());
        }

        waiting.Clear();
    }

    /// <summary>The managed heap gets what the shard was given less an eighth for the runtime and native buffers: it fails by itself, not by the node's hand.</summary>
    private static string HeapLimitOf(ShardResources resources) => (((long)resources.MemoryMiB << 20) / 8 * 7).ToString("X", CultureInfo.InvariantCulture);

    /// <summary>Polls every job once, and puts the shards to start again with those that wait.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        foreach (var ticket in active.Values.Select(a => a.Ticket).Distinct().ToList())
        {
            var states = await engine.PollAsync(ticket.Job, ticket.Ticket, cancellationToken);
            var silent = new List<int>();
            foreach (var state in states.Where(s => active.TryGetValue(s.Index, out var a) && a.Ticket == ticket))
            {
                if (!state.HasEnded)
                {
                    if (IsSilent(state))
                    {
                        silent.Add(state.Index);
                    }

                    continue;
                }

                active.Remove(state.Index);
                if (NeedsAnother(state))
                {
                    waiting.Add(state.Index);
                }
            }

            if (silent.Count > 0)
            {
                await engine.CancelAsync(ticket.Job, ticket.Ticket, silent, cancellationToken);
                foreach (var index in silent)
                {
                    active.Remove(index);
                    if (NeedsAnother(new ShardState(index, ShardPhase.Lost, Reason: "It gave no sign of life.")))
                    {
                        waiting.Add(index);
                    }
                }
            }
        }
    }

    /// <summary>What an ended shard left decides; the back end's word only when something is missing.</summary>
    private bool NeedsAnother(ShardState state)
    {
        var index = state.Index;
        var reports = folder.Reports(index).Where(r => !earlier.Contains(r.Nonce)).ToList();
        work.Refresh(index, reports);
        if (!work.IsOpen(index))
        {
            return false;
        }

        var code = state.ExitCode ?? reports.LastOrDefault()?.ExitCode;
        if (code is { } known && ShardExit.IsFatal(known))
        {
            work.GiveUp(index, reports.LastOrDefault(r => r.ExitCode == known)?.Problem ?? state.Reason ?? $"The shard ended with exit code {known}.");
            return false;
        }

        if (state.Phase is ShardPhase.TimedOut or ShardPhase.Cancelled)
        {
            work.GiveUp(index, state.Phase is ShardPhase.TimedOut ? $"The shard ran into its time limit of {plan.Resources.Minutes} min." : "The shard was cancelled outside of this run.");
            return false;
        }

        var (counts, most) = state.Phase is ShardPhase.Lost ? (lost, retry.LostAttempts) : (failed, retry.FailedAttempts);
        counts[index] = counts.GetValueOrDefault(index) + 1;
        if (counts[index] >= most)
        {
            work.GiveUp(index, string.Create(CultureInfo.InvariantCulture, $"The shard was {(state.Phase is ShardPhase.Lost ? "lost" : "started in vain")} {most} times. {state.Reason ?? reports.LastOrDefault()?.Problem ?? (code is { } c ? $"Exit code {c}." : "")}").TrimEnd());
            return false;
        }

        work.Retried();
        return true;
    }

    private bool IsSilent(ShardState state)
    {
        var shard = active[state.Index];
        var beats = folder.Beats(state.Index);
        if (state.Phase is ShardPhase.Queued || beats != shard.Beats)
        {
            active[state.Index] = shard with { Beats = beats, Since = time.GetTimestamp() };
            return false;
        }

        return time.GetElapsedTime(shard.Since) > retry.Silence;
    }

    /// <summary>An engine that cannot be asked now is asked again, for a while.</summary>
    private async Task TryAskingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SubmitAsync(cancellationToken);
            await WatchAsync(cancellationToken);
            unreachableSince = null;
        }
        catch (EngineException e) when (e.Fault is EngineFault.Unreachable)
        {
            unreachableSince ??= time.GetTimestamp();
            if (time.GetElapsedTime(unreachableSince.Value) > retry.Unreachable)
            {
                throw;
            }
        }
    }

    private async Task StopAsync()
    {
        foreach (var ticket in active.Values.Select(a => a.Ticket).Distinct())
        {
            try
            {
                await engine.CancelAsync(ticket.Job, ticket.Ticket, null, CancellationToken.None);
            }
            catch (EngineException)
            {
                // The shards run out by themselves; their results are kept.
            }
        }

        tickets.CloseAll();
    }

    /// <param name="Since">Of the last sign of life, as this process saw it: no clock but this one counts.</param>
    private sealed record Active(JobTicket Ticket, long Since, long Beats = 0);
}
