using System.Globalization;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Runs;

/// <summary>One stage of a plan on an engine: submit, watch, try again, until no shard is open. Used once.</summary>
internal sealed class StageRun(
    IShardEngine engine, Submitter submitter, RetryPolicy retry, TimeProvider time, CheckPlan plan, RunFolder folder, PlanWork work)
{
    /// <summary>How often the folder is looked at between questions to an engine that is asked less often.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<int, Active> active = [];
    private readonly SortedSet<int> waiting = [];
    private readonly Dictionary<int, int> lost = [];
    private readonly Dictionary<int, int> failed = [];
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ShardClaims> claims = new(StringComparer.Ordinal);
    private StageChain chain = null!;
    private long? unreachableSince;

    /// <param name="later">Shards of the stages after this one.</param>
    /// <param name="cancel">When this one is cancelled, the shards are stopped too.</param>
    public async Task RunAsync(
        IReadOnlyList<int> indices, IReadOnlyList<IReadOnlyList<int>> later, IProgress<PlanProgress>? progress, CancellationToken cancellationToken, CancellationToken cancel)
    {
        foreach (var index in indices)
        {
            // Handed in ahead, it may have ended before its time came.
            work.Refresh(index, folder.Reports(index));
        }

        var open = indices.Where(work.IsOpen).ToHashSet();
        chain = new StageChain(engine, submitter, [.. later.Select(s => s.Where(work.IsOpen).ToList())]);
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
                    await PauseAsync(cancellationToken);
                }
            }

            progress?.Report(work.Progress([]));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await StopAsync();
            throw;
        }
    }

    /// <summary>
    /// Until asking is polite again. In the last round the folder is looked at meanwhile: a shard whose results are all there has ended, and the next
    /// stage need not wait for the back end to say so.
    /// </summary>
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        for (var left = engine.PollInterval; left > TimeSpan.Zero && waiting.Count + active.Count > 0; left = engine.PollInterval - time.GetElapsedTime(asked))
        {
            await Task.Delay(left < Glance ? left : Glance, time, cancellationToken);
            if (left > Glance && active.Count <= engine.Slots)
            {
                Settle();
            }
        }
    }

    /// <summary>Lets go of the shards that have reported since the folder was last looked at and have left nothing open.</summary>
    private void Settle()
    {
        foreach (var index in folder.ReportFiles().Where(seen.Add).Select(RunFolder.IndexOf).Distinct().Where(active.ContainsKey).ToList())
        {
            work.Refresh(index, folder.Reports(index));
            if (!work.IsOpen(index))
            {
                active.Remove(index);
            }
        }
    }

    /// <summary>Jobs of an earlier run of this plan whose shards are still open.</summary>
    private void Reattach(HashSet<int> open)
    {
        foreach (var ticket in submitter.Tickets.Open().Where(t => t.Engine == engine.Name))
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

        var ticket = await submitter.SubmitAsync([.. waiting], after: null, chain.GoesOn, cancellationToken);
        foreach (var index in waiting)
        {
            active[index] = new Active(ticket, time.GetTimestamp());
        }

        waiting.Clear();
    }

    /// <summary>Polls every job once, and puts the shards to start again with those that wait.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var tickets = active.Values.Select(a => a.Ticket).Distinct().ToList();
        if (tickets is [{ } only])
        {
            await chain.ExtendAsync(only, cancellationToken);
        }

        foreach (var ticket in tickets)
        {
            var states = (await engine.PollAsync(ticket.Job, ticket.Ticket, cancellationToken)).ToDictionary(s => s.Index);
            if (GoesOn(ticket.Job))
            {
                Settle();
            }

            var silent = new List<int>();
            foreach (var index in active.Where(a => a.Value.Ticket == ticket).Select(a => a.Key).ToList())
            {
                var state = StateOf(index, ticket.Job, states);
                if (!state.HasEnded)
                {
                    if (IsSilent(state))
                    {
                        silent.Add(state.Index);
                    }

                    continue;
                }

                await EndedAsync(state, cancellationToken);
            }

            if (silent.Count > 0)
            {
                await engine.CancelAsync(ticket.Job, ticket.Ticket, [.. silent.Select(i => TaskOf(i, ticket.Job)).Distinct()], cancellationToken);
                foreach (var index in silent)
                {
                    await EndedAsync(new ShardState(index, ShardPhase.Lost, Reason: "It gave no sign of life."), cancellationToken);
                }
            }
        }
    }

    /// <summary>The task of the job that works on a shard: the shard's own, unless another went on with it.</summary>
    private int TaskOf(int index, ShardJob job)
    {
        if (!GoesOn(job))
        {
            return index;
        }

        if (!claims.TryGetValue(job.Name, out var known))
        {
            claims[job.Name] = known = folder.Claims(job.Name);
        }

        return known.HolderOf(index) ?? index;
    }

    private static bool GoesOn(ShardJob job) => job.Command.Environment.ContainsKey(ShardCommand.JobVariable);

    /// <summary>A shard is as its task is. A task that went on with it and ran out of time leaves it to be started for itself.</summary>
    private ShardState StateOf(int index, ShardJob job, Dictionary<int, ShardState> states)
    {
        var task = TaskOf(index, job);
        var state = states[task];
        return task == index ? state
            : state.Phase is ShardPhase.TimedOut ? state with { Index = index, Phase = ShardPhase.Lost, Reason = "The task that took it over ran into the time limit." }
            : state with { Index = index };
    }

    private async Task EndedAsync(ShardState state, CancellationToken cancellationToken)
    {
        active.Remove(state.Index);
        work.Refresh(state.Index, folder.Reports(state.Index));
        if (work.IsOpen(state.Index))
        {
            if (NeedsAnother(state))
            {
                waiting.Add(state.Index);
            }

            await chain.TakeBackAsync(cancellationToken);
        }
    }

    /// <summary>What an ended shard left decides; the back end's word only when something is missing.</summary>
    private bool NeedsAnother(ShardState state)
    {
        var index = state.Index;
        var reports = work.Latest(folder.Reports(index));
        var last = reports is [.., var ended] ? ended : null;
        var code = state.ExitCode ?? last?.ExitCode;
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
            work.GiveUp(index, string.Create(CultureInfo.InvariantCulture, $"The shard was {(state.Phase is ShardPhase.Lost ? "lost" : "started in vain")} {most} times. {state.Reason ?? last?.Problem ?? (code is { } c ? $"Exit code {c}." : "")}").TrimEnd());
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
        try
        {
            await chain.TakeBackAsync(CancellationToken.None);
            foreach (var ticket in submitter.Tickets.Open().Where(t => t.Engine == engine.Name))
            {
                await engine.CancelAsync(ticket.Job, ticket.Ticket, null, CancellationToken.None);
            }
        }
        catch (EngineException)
        {
            // The shards run out by themselves; their results are kept.
        }

        submitter.Tickets.Close(_ => true);
    }

    /// <param name="Since">Of the last sign of life, as this process saw it: no clock but this one counts.</param>
    private sealed record Active(JobTicket Ticket, long Since, long Beats = 0);
}
