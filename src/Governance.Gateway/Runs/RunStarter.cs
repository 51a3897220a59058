using System.Globalization;
using Governance.Checks;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Jobs;

namespace Governance.Gateway.Runs;

/// <summary>From "run these checks" to a run in the queue: the same for the API and the portal.</summary>
public sealed class RunStarter(RunQueue queue, RunProgressBoard board, RunEngine engine, Governor governor)
{
    /// <summary>The seed of a run whose caller names none: results are reproducible by default.</summary>
    public const long DefaultSeed = 20260101;

    /// <param name="checks">Check ids; null or empty for the standard ones.</param>
    public (StartCheckRun? Command, Refusal? Refusal) Command(
        string modelId, int version, IReadOnlyList<string>? checks, long seed, bool noCache = false, RunSettings? settings = null, RunOptions? options = null)
    {
        var wanted = checks is { Count: > 0 } ? checks : [.. CheckCatalogue.Standard.Select(c => c.Descriptor.Id)];
        var unknown = wanted.Where(c => CheckCatalogue.Find(c) is null).Select(c => Text.IsLine(c, 80) ? $"'{c}'" : "of that name").Take(5).ToList();
        if (unknown.Count > 0)
        {
            return (null, Refusal.Invalid("check-unknown", $"There is no check {string.Join(", ", unknown)}. List them with: gov checks list"));
        }

        var quotas = engine.Options.Quotas.Of(governor.State.Model(modelId)?.Registration.Owner ?? "");
        return FaultOf(options) is { } refusal
            ? (null, refusal)
            : (new StartCheckRun(
                modelId, version, Guid.CreateVersion7().ToString("n"), [.. wanted.Distinct(StringComparer.Ordinal)], seed, noCache, settings, options,
                new RunLimits(quotas.Open, quotas.ShardSecondsPerDay)), null);
    }

    /// <summary>The same check with the same seed and settings, on another engine or again on this one, to compare with what was recorded.</summary>
    public (StartCheckRun? Command, Refusal? Refusal) Reproduction(Digest envelope, string? engineName)
    {
        if (Recomputation.Of(governor.State, envelope) is not { } again)
        {
            return (null, Refusal.NotFound("evidence-unknown", "There is no such evidence now; what was replaced is not computed again."));
        }

        var (version, run) = (again.Version, again.Run);
        return Command(
            version.ModelId, version.Number, run.Checks, run.Seed, settings: run.Settings, options: new RunOptions { Engine = engineName, Reproduces = envelope });
    }

    private Refusal? FaultOf(RunOptions? options) =>
        options?.Engine is { } name && !engine.Names.Contains(name) ? Refusal.Invalid("engine-unknown", $"This gateway's engines are {string.Join(", ", engine.Names)}.")
        : options?.Priority is { } priority && !Enum.IsDefined(priority) ? Refusal.Invalid("invalid-priority", "priority: low, normal or high.")
        : null;

    /// <summary>Puts the run that was recorded into the queue, once, and returns its id: that of the first request when this one was a repeat.</summary>
    public string Enqueue(IReadOnlyList<RecordedEvent> events)
    {
        var recorded = events.Single(e => e.Event is CheckRunStarted);
        var started = (CheckRunStarted)recorded.Event;
        Enqueue(new QueuedRun(started.ModelId, started.Version, new RunState(started.RunId, started.Checks, started.Seed, recorded.Time, recorded.Actor)
        {
            NoCache = started.NoCache ?? false,
            Settings = started.Settings,
            Options = started.Options ?? new RunOptions(),
        }));
        return started.RunId;
    }

    /// <summary>Puts the runs that a stopped gateway left open into the queue again.</summary>
    public void Resume(GovernanceState state)
    {
        var open = state.Models.Values.SelectMany(m => m.Versions.Values).SelectMany(v => v.Runs.Where(r => r.Finished is null).Select(r => new QueuedRun(v.ModelId, v.Number, r)));
        foreach (var run in open.OrderBy(r => r.Run.StartedAt))
        {
            Enqueue(run);
        }
    }

    private void Enqueue(QueuedRun run)
    {
        if (board.TryAdd(run))
        {
            queue.Enqueue(run);
            board.Cancellation(run.Id).Register(() => queue.Expedite(run.Id));
        }
    }
}
