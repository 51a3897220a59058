using Governance.Checks;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Jobs.Shards;

namespace Governance.Jobs;

/// <summary>Evidence that is to be computed again, and the run that does it: its check alone, with the seed and settings of the first time. Immutable.</summary>
public sealed record Recomputation(VersionState Version, EvidenceState Evidence, RunState Run)
{
    /// <summary>Null when no version holds such evidence now; what was replaced is not computed again.</summary>
    public static Recomputation? Of(GovernanceState state, Digest envelope)
    {
        foreach (var version in state.Models.Values.SelectMany(m => m.Versions.Values))
        {
            if (version.Evidence.Values.FirstOrDefault(e => e.Envelope == envelope) is { } evidence && version.Runs.FirstOrDefault(r => r.Id == evidence.RunId) is { } run)
            {
                return new Recomputation(version, evidence, run with { Checks = [evidence.Check], Settings = run.Settings is { } settings ? Only(settings, evidence.Check) : null });
            }
        }

        return null;
    }

    /// <summary>Largest relative difference of a number that counts as none; 0 where results must be equal to the digest.</summary>
    public static double Tolerance(string check) => CheckCatalogue.Find(check)!.Descriptor.Tolerance;

    /// <summary>Where a second computation differs from the first; empty when it gave the same.</summary>
    public static IReadOnlyList<ResultDifference> Compare(CheckResult first, CheckOutcome second) => second.Result is { } result
        ? ResultComparison.Of(first, result, Tolerance(second.Check))
        : [new ResultDifference("", "a result", second.NotApplicable)];

    private static RunSettings Only(RunSettings settings, string check)
    {
        var parameters = settings.Parameters?.Where(p => p.Check == check).ToList();
        return settings with { Parameters = parameters is { Count: > 0 } ? parameters : null };
    }
}
