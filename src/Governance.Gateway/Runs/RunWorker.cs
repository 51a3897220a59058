using System.Diagnostics;
using Governance.Checks;
using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Identity;
using Governance.Gateway.Intake;
using Governance.Gateway.Policy;
using Governance.Jobs;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Serving.Routing;
using Governance.Storage;

namespace Governance.Gateway.Runs;

/// <summary>
/// Carries out queued runs one after another: loads model and data by digest, runs each check on the local engine, signs and records its
/// evidence as it comes. A run ends in evidence or in reasons; what a stopped gateway left open shows as interrupted.
/// </summary>
internal sealed partial class RunWorker(
    RunQueue queue, RunProgressBoard board, Governor governor, PolicyInForce policy, ArtifactStore artifacts, DatasetReader datasets,
    ModelPool models, IEvidenceSigner signer, TimeProvider time, ILogger<RunWorker> log) : BackgroundService
{
    private const string Engine = "local";

    /// <summary>Enough for progress to move and for every core to have work; the results do not depend on it.</summary>
    private const int Shards = 16;
    private readonly LocalEngine engine = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var run in queue.ReadAllAsync(stoppingToken))
        {
            var clock = Stopwatch.GetTimestamp();
            board.Update(run.RunId, r => r with { Status = RunStatus.Running });
            var tally = new Tally();
            try
            {
                await CarryOutAsync(run, tally, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                RunFailed(e, run.RunId);
                tally.FailRest(run, Reason(e));
            }

            try
            {
                await RecordAsync(new FinishCheckRun(run.ModelId, run.Version, run.RunId, tally.Recorded.Count, tally.NotApplicable, tally.Failed));
            }
            catch (NotRecordedException e)
            {
                // The ledger takes nothing: the run shows as interrupted, and the worker goes on for when it does again.
                RunFailed(e, run.RunId);
            }

            board.End(run.RunId);
            RunEnded(run.RunId, tally.Recorded.Count, tally.NotApplicable.Count, tally.Failed.Count, (long)Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }
    }

    private async Task CarryOutAsync(CheckRunStarted run, Tally tally, CancellationToken cancellationToken)
    {
        var state = governor.State;
        var version = state.Version(run.ModelId, run.Version)!;
        var submission = version.Submission;
        var (training, evaluation) = (state.Datasets[submission.TrainingDataset], state.Datasets[submission.EvaluationDataset]);
        var input = new CheckInput
        {
            Evaluation = (await datasets.ReadAsync(evaluation, cancellationToken)).WithReferenceScore(submission.ReferenceScore),
            Training = await datasets.ReadAsync(training, cancellationToken),
            Model = models.Get(version),
            Threshold = submission.Threshold,
            FavourablePrediction = submission.FavourablePrediction,
            ReferenceGroups = evaluation.Protected,
            Seed = run.Seed,
        };
        var subjects = new[]
        {
            StatementSubject.Of(StatementSubject.Model, submission.Artifact),
            StatementSubject.Of(StatementSubject.EvaluationData, evaluation.Digest),
            StatementSubject.Of(StatementSubject.TrainingData, training.Digest),
        };
        foreach (var id in run.Checks)
        {
            await RunCheckAsync(run, CheckCatalogue.Find(id)!, input, subjects, tally, cancellationToken);
        }
    }

    private async Task RunCheckAsync(
        CheckRunStarted run, ICheck check, CheckInput input, IReadOnlyList<StatementSubject> subjects, Tally tally, CancellationToken cancellationToken)
    {
        var id = check.Descriptor.Id;
        if (check.WhyNotApplicable(input) is { } reason)
        {
            tally.NotApplicable.Add(new CheckNotRun(id, reason));
            board.Update(run.RunId, id, c => c with { Status = RunCheckStatus.NotApplicable, Progress = 1, Note = reason });
            return;
        }

        try
        {
            var started = time.GetUtcNow();
            board.Update(run.RunId, id, c => c with { Status = RunCheckStatus.Running });
            var progress = new ShardReports(p => board.Update(run.RunId, id, c => c with { Progress = (double)p.ShardsDone / p.Shards }));
            var result = await engine.RunAsync(check, input, Shards, progress, cancellationToken);
            var facts = new RunFacts(
                run.RunId, started, time.GetUtcNow(), Shards, Provenance.Code, Engine, Provenance.Runtime, Provenance.Platform);
            var envelope = CheckEvidence.Seal(result, subjects, facts, signer);
            var digest = await artifacts.PutAsync(envelope, cancellationToken);
            await RecordAsync(new RecordEvidence(run.ModelId, run.Version, run.RunId, result.Family, id, digest, result.ComputeDigest()));
            tally.Recorded.Add(id);
            board.Update(run.RunId, id, c => c with { Status = RunCheckStatus.Recorded, Progress = 1, Note = result.Summary });
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            CheckFailed(e, id, run.RunId);
            var why = Reason(e);
            tally.Failed.Add(new CheckNotRun(id, why));
            board.Update(run.RunId, id, c => c with { Status = RunCheckStatus.Failed, Progress = 1, Note = why });
        }
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
        ModelRefusedException or ModelOutputException or DatasetUnreadableException or NotRecordedException => e.Message,
        _ => $"The check failed ({e.GetType().Name}). An operator finds the details in the gateway's log.",
    };

    [LoggerMessage(1, LogLevel.Information, "Run {RunId} ended: {Recorded} recorded, {NotApplicable} not applicable, {Failed} failed, {Milliseconds} ms")]
    private partial void RunEnded(string runId, int recorded, int notApplicable, int failed, long milliseconds);

    [LoggerMessage(2, LogLevel.Error, "Run {RunId} failed")]
    private partial void RunFailed(Exception exception, string runId);

    [LoggerMessage(3, LogLevel.Error, "Check {Check} of run {RunId} failed")]
    private partial void CheckFailed(Exception exception, string check, string runId);

    private sealed class ShardReports(Action<ShardProgress> report) : IProgress<ShardProgress>
    {
        public void Report(ShardProgress value) => report(value);
    }

    private sealed class Tally
    {
        public List<string> Recorded { get; } = [];

        public List<CheckNotRun> NotApplicable { get; } = [];

        public List<CheckNotRun> Failed { get; } = [];

        public void FailRest(CheckRunStarted run, string reason)
        {
            var ended = Recorded.Concat(NotApplicable.Select(n => n.Check)).Concat(Failed.Select(f => f.Check)).ToHashSet(StringComparer.Ordinal);
            Failed.AddRange(run.Checks.Where(c => !ended.Contains(c)).Select(c => new CheckNotRun(c, reason)));
        }
    }

    /// <summary>Evidence was computed and could not be recorded.</summary>
    private sealed class NotRecordedException(string detail) : Exception(detail);
}
