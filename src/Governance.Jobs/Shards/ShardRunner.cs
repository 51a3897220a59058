using System.Diagnostics;
using Governance.Checks;
using Governance.Core;
using Governance.Jobs.Plans;
using Governance.Models.Onnx;

namespace Governance.Jobs.Shards;

/// <summary>
/// Computes one shard of a plan: a pure function of the plan, the index and the files the plan names. What has a result is not computed again;
/// each result is stored as soon as it is there, so that a shard that is started again goes on where it was. Needs no network and no gateway.
/// </summary>
public sealed class ShardRunner(ResultStore results, RunFolder folder, TimeProvider time)
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(2);

    /// <summary>Runs a shard and writes its report.</summary>
    /// <param name="inputs">Loads the inputs when the first item needs them.</param>
    /// <returns>The report; its exit code is what the process ends with.</returns>
    public async Task<ShardReport> RunAsync(
        CheckPlan plan, int index, Func<CancellationToken, Task<CheckInput>> inputs, CancellationToken cancellationToken)
    {
        var run = new Attempt(plan, index, Guid.CreateVersion7().ToString("n"), time);
        var shard = plan.Shards()[index];
        folder.Beat(index, run.Nonce, run.Beat(shard.Work.Count));
        await using (time.CreateTimer(_ => TryBeat(run, shard), state: null, BeatInterval, BeatInterval))
        {
            var (code, problem) = await ComputeAsync(run, shard, inputs, cancellationToken);
            var report = run.Report(code, problem);
            TryWrite(report);
            return report;
        }
    }

    private async Task<(int Code, string? Problem)> ComputeAsync(
        Attempt run, PlannedShard shard, Func<CancellationToken, Task<CheckInput>> inputs, CancellationToken cancellationToken)
    {
        try
        {
            if (run.Plan.Code != Provenance.CodeDigest)
            {
                throw new PlanUnusableException("This node runs another build of the checks than the plan names: install the same version on every node.");
            }

            foreach (var item in shard.Work.Where(w => !folder.HasFailed(w.Check)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                run.Add(await ComputeAsync(run, item, inputs, cancellationToken));
                TryBeat(run, shard);
            }

            return (ShardExit.Done, null);
        }
        catch (OperationCanceledException)
        {
            return (ShardExit.Cancelled, "Cancelled.");
        }
        catch (PlanUnusableException e)
        {
            return (ShardExit.BadInput, e.Message);
        }
        catch (OutOfMemoryException)
        {
            return (ShardExit.OutOfMemory, "Out of memory: give the shards more, or make them smaller.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (ShardExit.Transient, $"Storage failed ({e.GetType().Name}).");
        }
    }

    private async Task<ItemReport> ComputeAsync(
        Attempt run, WorkItem item, Func<CancellationToken, Task<CheckInput>> inputs, CancellationToken cancellationToken)
    {
        var key = run.Keys.Of(item);
        var clock = Stopwatch.GetTimestamp();
        if (Stored(run, item, key) is { } known)
        {
            return new ItemReport(key, item, known, Cached: true, Stopwatch.GetElapsedTime(clock).TotalSeconds, null);
        }

        var input = await inputs(cancellationToken);
        run.Device = (input.Model as OnnxScorer)?.Device ?? ModelDevice.Cpu;
        try
        {
            var content = item.Part is { } part ? Map(run, item, input, part, cancellationToken) : Reduce(run, item, input, cancellationToken);
            return new ItemReport(key, item, results.Put(key, content), Cached: false, Stopwatch.GetElapsedTime(clock).TotalSeconds, null);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or IOException or UnauthorizedAccessException or PlanUnusableException))
        {
            // The same input fails again wherever it runs: reported once, not retried.
            return new ItemReport(key, item, null, Cached: false, Stopwatch.GetElapsedTime(clock).TotalSeconds, e.GetType().Name);
        }
    }

    /// <summary>The item's result from before; for a state also the result of its check, which makes the state needless.</summary>
    private Digest? Stored(Attempt run, WorkItem item, Digest key) =>
        results.Find(key)?.Digest ?? (item.Part is null ? null : results.Find(run.Keys.Of(WorkItem.ResultOf(item.Check, stages: 0)))?.Digest);

    private ReadOnlyMemory<byte> Map(Attempt run, WorkItem item, CheckInput input, RowRange part, CancellationToken cancellationToken)
    {
        var check = Known(item.Check);
        return check.WhyNotApplicable(input) is null
            ? CheckStages.Map(check, input, item.Stage, part, Before(run, check, item.Stage, input, cancellationToken), cancellationToken)
            : ReadOnlyMemory<byte>.Empty;
    }

    private ReadOnlyMemory<byte> Reduce(Attempt run, WorkItem item, CheckInput input, CancellationToken cancellationToken)
    {
        var check = Known(item.Check);
        return GovernanceJson.Serialize(check.WhyNotApplicable(input) is { } reason
            ? new CheckOutcome(item.Check, null, reason)
            : new CheckOutcome(item.Check, CheckStages.Reduce(check, input, Before(run, check, item.Stage, input, cancellationToken), cancellationToken), null));
    }

    /// <summary>What the stages of a check before this one left.</summary>
    private StageStates Before(Attempt run, ICheck check, int stage, CheckInput input, CancellationToken cancellationToken)
    {
        var states = StageStates.None;
        for (var earlier = 0; earlier < stage; earlier++)
        {
            var before = states;
            states = states.Then([.. run.Items(check.Descriptor.Id, earlier).Select(w => State(run, check, w, input, before, cancellationToken))]);
        }

        return states;
    }

    /// <summary>
    /// A stored state. One that was lost or altered since its stage is made again here; so is an empty one, left when the data was shorter and the
    /// check did not apply to it yet.
    /// </summary>
    private ReadOnlyMemory<byte> State(Attempt run, ICheck check, WorkItem item, CheckInput input, StageStates before, CancellationToken cancellationToken)
    {
        var key = run.Keys.Of(item);
        if (results.Find(key)?.Content is { IsEmpty: false } stored)
        {
            return stored;
        }

        results.Remove(key);
        var made = CheckStages.Map(check, input, item.Stage, item.Part!.Value, before, cancellationToken);
        results.Put(key, made);
        return made;
    }

    private static ICheck Known(string id) => CheckCatalogue.Find(id) ?? throw new PlanUnusableException($"This build has no check {id}.");

    /// <summary>A beat that cannot be written is missed, not fatal: the engine decides what silence means.</summary>
    private void TryBeat(Attempt run, PlannedShard shard)
    {
        try
        {
            folder.Beat(run.Index, run.Nonce, run.Beat(shard.Work.Count));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Missed.
        }
    }

    private void TryWrite(ShardReport report)
    {
        try
        {
            folder.Write(report);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without a report the run counts as lost and is started again.
        }
    }

    /// <summary>One start of a shard.</summary>
    private sealed class Attempt(CheckPlan plan, int index, string nonce, TimeProvider time)
    {
        private readonly List<ItemReport> items = [];
        private readonly long clock = Stopwatch.GetTimestamp();
        private readonly TimeSpan cpu = Environment.CpuUsage.TotalTime;
        private readonly DateTimeOffset startedAt = time.GetUtcNow();
        private long beats;

        public CheckPlan Plan { get; } = plan;

        public PlanKeys Keys { get; } = new(plan);

        public int Index { get; } = index;

        /// <summary>What runs the model, once it is loaded.</summary>
        public ModelDevice Device { get; set; } = ModelDevice.Cpu;

        /// <summary>The items of a stage of a check.</summary>
        public IEnumerable<WorkItem> Items(string check, int stage) =>
            Plan.Shards().SelectMany(s => s.Work).Where(w => w.Check == check && w.Stage == stage && w.Part is not null);

        public string Nonce { get; } = nonce;

        public void Add(ItemReport item)
        {
            lock (items)
            {
                items.Add(item);
            }
        }

        public ShardBeat Beat(int total)
        {
            lock (items)
            {
                return new ShardBeat(Nonce, Interlocked.Increment(ref beats), items.Count, total);
            }
        }

        public ShardReport Report(int code, string? problem)
        {
            using var process = Process.GetCurrentProcess();
            return new ShardReport(Plan.Id(), Index, Nonce, code, problem, [.. items], new ShardUsage(
                startedAt,
                Math.Round(Stopwatch.GetElapsedTime(clock).TotalSeconds, 3),
                Math.Round((Environment.CpuUsage.TotalTime - cpu).TotalSeconds, 3),
                Math.Round(process.PeakWorkingSet64 / (1024.0 * 1024), 1),
                Environment.MachineName,
                Device.ToString(),
                Provenance.RuntimeOn(Device),
                Provenance.Platform));
        }
    }
}
