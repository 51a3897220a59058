using System.Diagnostics;
using System.Globalization;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Identity;
using Governance.Gateway.Policy;
using Governance.Jobs;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Runs;
using Governance.Models.Onnx;
using Governance.Jobs.Shards;
using Governance.Storage;

namespace Governance.Gateway.Runs;

/// <summary>
/// Carries out queued runs: plans each, has the engine compute it, signs and records the evidence. A run ends in evidence or in reasons. What a
/// stopped gateway left open goes on at its next start, and finished shards are not computed again.
/// </summary>
internal sealed partial class RunWorker(
    RunQueue queue, RunStarter starter, RunProgressBoard board, RunEngine engine, Governor governor, PolicyInForce policy, ArtifactStore artifacts, EvidenceSource evidence,
    IEvidenceSigner signer, TimeProvider time, ILogger<RunWorker> log) : BackgroundService
{
    private readonly EvidenceSource evidence = evidence;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        starter.Resume(governor.State);
        await Task.WhenAll(Enumerable.Range(0, engine.Options.Runs).Select(_ => WorkAsync(stoppingToken)));
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var run = await queue.DequeueAsync(stoppingToken);
            try
            {
                await RunAsync(run, stoppingToken);
            }
            finally
            {
                queue.Done(run);
            }
        }
    }

    private async Task RunAsync(QueuedRun run, CancellationToken stoppingToken)
    {
        var clock = Stopwatch.GetTimestamp();
        board.Update(run.Id, r => r with { Status = RunStatus.Running });
        var tally = new RunTally();
        string? expired = null;
        try
        {
            await CarryOutAsync(run, tally, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The run stays open: it goes on at the next start.
            throw;
        }
        catch (Exception e)
        {
            if (e is not OperationCanceledException)
            {
                RunFailed(e, run.Id);
            }

            expired = e is OperationCanceledException && run.Run.Options.Deadline is { } deadline && deadline <= time.GetUtcNow() && !IsCancelled(run)
                ? string.Create(CultureInfo.InvariantCulture, $"The run had not ended by its deadline, {deadline.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}.")
                : null;
            tally.FailRest(run, expired ?? Reason(e));
        }

        try
        {
            await RecordAsync(new FinishCheckRun(run.ModelId, run.Version, run.Id, tally.Recorded.Count, tally.NotApplicable, tally.Failed, tally.ShardSeconds, expired));
        }
        catch (NotRecordedException e)
        {
            // The ledger takes nothing: the run stays open, and goes on at the next start.
            RunFailed(e, run.Id);
        }

        board.End(run.Id);
        RunEnded(run.Id, tally.Recorded.Count, tally.NotApplicable.Count, tally.Failed.Count, (long)Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
    }

    private bool IsCancelled(QueuedRun run) => governor.State.Version(run.ModelId, run.Version)!.Runs.First(r => r.Id == run.Id).CancelledBy is not null;

    private async Task CarryOutAsync(QueuedRun run, RunTally tally, CancellationToken stoppingToken)
    {
        var cancelled = board.Cancellation(run.Id);
        if (IsCancelled(run) || cancelled.IsCancellationRequested)
        {
            throw new OperationCanceledException();
        }

        var plan = RunPlan.Of(run, governor.State, engine);
        Warn(run, plan);
        await VerifyAsync(plan, cancelled);
        var jobs = engine.FolderOf(run.Run);
        jobs.Remember(run.Id, plan.Id());
        if (run.Run.NoCache)
        {
            jobs.Forget(plan);
        }

        var startedAt = time.GetUtcNow();
        var outcome = await engine.RunnerOf(run.Run).RunAsync(plan, jobs.Plan(plan.Id()), new BoardProgress(board, run.Id), cancelled, stoppingToken);
        engine.Folder.Learn(outcome);
        tally.ShardSeconds = outcome.Statistics.ShardSeconds;
        foreach (var failure in outcome.Failures)
        {
            tally.Failed.Add(new CheckNotRun(failure.Check, failure.Reason));
            board.Update(run.Id, failure.Check, c => c with { Status = RunCheckStatus.Failed, Progress = 1, Note = failure.Reason });
        }

        if (run.Run.Options.Reproduces is { } evidence)
        {
            await CompareAsync(run, evidence, outcome, startedAt, tally);
            return;
        }

        var subjects = Subjects(plan);
        foreach (var check in outcome.Outcomes)
        {
            if (check.Result is { } result)
            {
                await RecordAsync(run, result, subjects, Facts(run, outcome, check.Check, startedAt), tally);
            }
            else
            {
                tally.NotApplicable.Add(new CheckNotRun(check.Check, check.NotApplicable!));
                board.Update(run.Id, check.Check, c => c with { Status = RunCheckStatus.NotApplicable, Progress = 1, Note = check.NotApplicable });
            }
        }
    }

    /// <summary>Nothing is said about files that are not what was registered, not even what was computed before.</summary>
    private async Task VerifyAsync(CheckPlan plan, CancellationToken cancellationToken)
    {
        if (!await artifacts.VerifyAsync(plan.Model.Artifact, cancellationToken))
        {
            throw new PlanUnusableException($"The model file {plan.Model.Artifact.Abbreviated} is missing or was altered.");
        }

        foreach (var data in new[] { plan.Evaluation, plan.Training! })
        {
            foreach (var file in data.Parts.Select(p => p.File))
            {
                if (!await artifacts.VerifyAsync(file, cancellationToken) || !await artifacts.VerifyAsync(data.Schema, cancellationToken))
                {
                    throw new PlanUnusableException($"The dataset file {file.Abbreviated} or its schema is missing or was altered; restore it, or register the data again.");
                }
            }
        }
    }

    private async Task RecordAsync(QueuedRun run, CheckResult result, IReadOnlyList<StatementSubject> subjects, RunFacts facts, RunTally tally)
    {
        var envelope = CheckEvidence.Seal(result, subjects, facts, signer);
        var digest = await artifacts.PutAsync(envelope, CancellationToken.None);
        await RecordAsync(new RecordEvidence(run.ModelId, run.Version, run.Id, result.Family, result.Check, digest, result.ComputeDigest()));
        tally.Recorded.Add(result.Check);
        board.Update(run.Id, result.Check, c => c with { Status = RunCheckStatus.Recorded, Progress = 1, Note = result.Summary });
    }

    /// <summary>Signs and records how what was computed again compares with the evidence.</summary>
    private async Task CompareAsync(QueuedRun run, Digest evidence, PlanOutcome outcome, DateTimeOffset startedAt, RunTally tally)
    {
        if (outcome.Outcomes is not [{ Check: var check } computed])
        {
            return;
        }

        var first = this.evidence.Get(evidence) ?? throw new PlanUnusableException($"The evidence {evidence.Abbreviated} is missing or was altered.");
        var facts = Facts(run, outcome, check, startedAt);
        var differences = Recomputation.Compare(first.Result, computed);
        var envelope = ReproductionEnvelope.Seal(
            evidence,
            new ReproductionPredicate
            {
                Check = check, Original = first.Statement.Predicate.ResultDigest, Reproduced = computed.Result?.ComputeDigest(), Same = differences.Count == 0,
                Tolerance = Recomputation.Tolerance(check), Differences = differences, Run = facts, OriginalRun = first.Statement.Predicate.Run,
            },
            signer);
        var digest = await artifacts.PutAsync(envelope, CancellationToken.None);
        await RecordAsync(new RecordReproduction(run.ModelId, run.Version, run.Id, check, evidence, digest, differences.Count == 0, facts.Engine, facts.Platform));
        tally.Recorded.Add(check);
        board.Update(run.Id, check, c => c with { Status = RunCheckStatus.Recorded, Progress = 1, Note = differences.Count == 0 ? "Reproduced." : "The results differ." });
    }

    /// <summary>Tells a run that cannot meet its deadline, by what such shards took so far.</summary>
    private void Warn(QueuedRun run, CheckPlan plan)
    {
        var ends = time.GetUtcNow() + RunPlan.Estimate(plan, engine.Of(run.Run).Slots);
        if (ends > run.Run.Options.Deadline)
        {
            board.Update(run.Id, r => r with
            {
                Warning = string.Create(CultureInfo.InvariantCulture, $"By what such runs took so far it will end about {ends.UtcDateTime:yyyy-MM-dd'T'HH:mm'Z'}, after its deadline."),
            });
        }
    }

    private static IReadOnlyList<StatementSubject> Subjects(CheckPlan plan) =>
    [
        StatementSubject.Of(StatementSubject.Model, plan.Model.Artifact),
        .. plan.Evaluation.Parts.Select(p => StatementSubject.Of(StatementSubject.EvaluationData, p.File)),
        .. plan.Training!.Parts.Select(p => StatementSubject.Of(StatementSubject.TrainingData, p.File)),
    ];

    /// <summary>Where and when the result was computed: on the node of the reduce; here and now when it was there before.</summary>
    private RunFacts Facts(QueuedRun run, PlanOutcome outcome, string check, DateTimeOffset startedAt)
    {
        var reports = outcome.Reports.Where(r => r.Items.Any(i => i.Work.Check == check && !i.Cached)).ToList();
        var node = reports.FirstOrDefault(r => r.Items.Any(i => i.Work.Check == check && i.Work.Part is null && !i.Cached));
        return new RunFacts(
            run.Id,
            node is null ? startedAt : reports.Min(r => r.Usage.StartedAt),
            node is null ? startedAt : node.Usage.StartedAt.AddSeconds(node.Usage.WallSeconds),
            Math.Max(1, reports.SelectMany(r => r.Items).Count(i => i.Work.Check == check && i.Work.Part is not null)),
            Provenance.Code,
            engine.Of(run.Run).Name,
            node?.Usage.Runtime ?? Provenance.Runtime,
            node?.Usage.Platform ?? Provenance.Platform)
        {
            Plan = outcome.Plan,
            Device = reports.Select(r => r.Usage.Device).FirstOrDefault(d => d != ModelDevice.Cpu.Name),
            Cached = node is null ? true : null,
        };
    }

    private async Task RecordAsync(Command command)
    {
        var outcome = await governor.ExecuteAsync(command, SystemCaller.Instance, policy.Gate, request: null, CancellationToken.None);
        if (outcome is CommandOutcome.Refused refused)
        {
            throw new NotRecordedException(refused.Refusal.Detail);
        }
    }

    /// <summary>What may be said to users: our own sentences; for anything else that it failed, and where to look.</summary>
    private static string Reason(Exception e) => e switch
    {
        OperationCanceledException => "The run was stopped.",
        EngineException or PlanUnusableException or NotRecordedException => e.Message,
        _ => $"The run failed ({e.GetType().Name}). An operator finds the details in the gateway's log.",
    };

    [LoggerMessage(1, LogLevel.Information, "Run {RunId} ended: {Recorded} recorded, {NotApplicable} not applicable, {Failed} failed, {Milliseconds} ms")]
    private partial void RunEnded(string runId, int recorded, int notApplicable, int failed, long milliseconds);

    [LoggerMessage(2, LogLevel.Error, "Run {RunId} failed")]
    private partial void RunFailed(Exception exception, string runId);

    private sealed class BoardProgress(RunProgressBoard board, string runId) : IProgress<PlanProgress>
    {
        public void Report(PlanProgress value) => board.Update(runId, run => run with
        {
            Checks = [.. run.Checks.Select(c => value.Checks.TryGetValue(c.Check, out var p) && p.Done > 0
                ? c with { Status = RunCheckStatus.Running, Progress = (double)p.Done / p.Total, PiecesDone = p.Done, Pieces = p.Total }
                : c)],
        });
    }

    /// <summary>Evidence was computed and could not be recorded.</summary>
    private sealed class NotRecordedException(string detail) : Exception(detail);
}
