using Governance.Cli.Shell;
using Governance.Cli.Verification;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Jobs;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Runs;
using Governance.Jobs.Shards;

namespace Governance.Cli.Commands;

/// <summary>How evidence compares with a second computation that no gateway took part in. Nothing of it is recorded or signed.</summary>
/// <param name="Tolerance">Largest relative difference that counts as none; 0 where results must be equal to the digest.</param>
internal sealed record OfflineComparison(
    Digest Evidence, string Check, bool Same, double Tolerance, string Engine, string Platform, string OriginalEngine, IReadOnlyList<ResultDifference> Differences)
{
    /// <summary>Always false: only a gateway records.</summary>
    public bool Recorded { get; }
}

/// <summary>Computes evidence of a data folder again, here. Reads the folder and leaves it as it is.</summary>
internal static class OfflineReproduction
{
    /// <param name="engine"><c>local</c>, <c>processes</c> or <c>slurm</c>.</param>
    /// <param name="jobs">Folder of plan and results, seen by every node; what is in it from an earlier computation is used again.</param>
    public static async Task<OfflineComparison> RunAsync(
        DataCopy copy, Digest envelope, string engine, int slots, string jobs, Invocation run, CancellationToken cancellationToken)
    {
        var again = Recomputation.Of(copy.State, envelope)
            ?? throw CliException.NotFound("There is no such evidence in this folder; what was replaced is not computed again.", "gov version show prints the evidence of a version.");
        var first = Statement(copy, again);
        var store = new JobsFolder(jobs);
        using var inputs = new SharedInputs(copy.PathOf);
        try
        {
            var chosen = PlanEngines.Of(engine, slots, store, inputs, run.Terminal.Time);
            using var disposable = chosen as IDisposable;
            var plan = Planner.Lay(
                VersionPlan.Draft(copy.State, again.Version.ModelId, again.Version.Number, again.Run, new ShardResources(MemoryMiB: 2048)), store.ReadCosts(), slots, chosen.LaunchesPerSecond);
            var runner = new PlanRunner(chosen, store.Results, PlanEngines.Command(store, copy.Artifacts, given: null), new RetryPolicy(), run.Terminal.Time);
            var outcome = await runner.RunAsync(plan, store.Plan(plan.Id()), new PlanEngines.Notes(run.Output), cancellationToken, CancellationToken.None);
            if (outcome.Failures is [var failure, ..])
            {
                throw CliException.Invalid($"{failure.Check} could not be computed: {failure.Reason}");
            }

            var differences = Recomputation.Compare(first.Predicate.Result, outcome.Outcomes[0]);
            return new OfflineComparison(
                envelope, again.Evidence.Check, differences.Count == 0, Recomputation.Tolerance(again.Evidence.Check), engine, Provenance.Platform, first.Predicate.Run.Engine, differences);
        }
        catch (EngineException e)
        {
            throw e.Fault is EngineFault.Refused ? CliException.Invalid(e.Message) : CliException.Unavailable(e.Message);
        }
    }

    /// <summary>What the evidence says: by the digests in the log, whatever key signed it.</summary>
    private static Statement Statement(DataCopy copy, Recomputation again) =>
        copy.Read(again.Evidence.Envelope) is { } bytes && EvidenceEnvelope.Read(bytes) is { } statement && statement.Predicate.ResultDigest == again.Evidence.Result
            ? statement
            : throw new CliException(ExitCodes.VerificationFailed, $"The evidence {again.Evidence.Envelope.Abbreviated} is missing, or is not what the log says.");
}
