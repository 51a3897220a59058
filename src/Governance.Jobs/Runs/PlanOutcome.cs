using Governance.Core;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Runs;

/// <summary>How a plan ended. Each of its checks has an outcome or a failure. Immutable.</summary>
/// <param name="Reports">Of the shard runs this run saw, by index.</param>
public sealed record PlanOutcome(
    Digest Plan, IReadOnlyList<CheckOutcome> Outcomes, IReadOnlyList<CheckFailure> Failures, PlanStatistics Statistics, IReadOnlyList<ShardReport> Reports);

/// <param name="Reason">For people.</param>
public sealed record CheckFailure(string Check, string Reason);

/// <param name="Items">Work items of the plan.</param>
/// <param name="Hits">Those that had a result before, or were not needed because the check had one.</param>
/// <param name="Computed">Results computed, also those computed twice.</param>
/// <param name="ShardRuns">Shard runs that left a report.</param>
/// <param name="Retries">Shards started again.</param>
/// <param name="ShardSeconds">Sum over shard runs.</param>
public sealed record PlanStatistics(int Items, int Hits, int Computed, int ShardRuns, int Retries, double WallSeconds, double ShardSeconds, int Slots)
{
    /// <summary>Share of the slots' time that shards were at work, 0 to 1.</summary>
    public double Efficiency => WallSeconds > 0 ? ShardSeconds / (WallSeconds * Slots) : 0;
}
