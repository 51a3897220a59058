using Governance.Core;
using Governance.Jobs.Plans;

namespace Governance.Jobs.Shards;

/// <summary>What one run of a shard leaves when it ends: what it computed and what that took. Immutable.</summary>
/// <param name="Plan">Id of the plan.</param>
/// <param name="Nonce">Of this process start: the same shard may run twice at once.</param>
/// <param name="ExitCode">One of <see cref="ShardExit"/>.</param>
/// <param name="Problem">Why it ended early, for people; null when it did not.</param>
public sealed record ShardReport(
    Digest Plan, int Index, string Nonce, int ExitCode, string? Problem, IReadOnlyList<ItemReport> Items, ShardUsage Usage);

/// <param name="Key">Of the result.</param>
/// <param name="Result">Digest of the result; null when the item failed.</param>
/// <param name="Cached">Whether it had been computed before.</param>
/// <param name="Seconds">Elapsed.</param>
/// <param name="Failure">Why there is no result: the kind of the exception, never a text that may hold data.</param>
public sealed record ItemReport(Digest Key, WorkItem Work, Digest? Result, bool Cached, double Seconds, string? Failure);

/// <summary>What a shard used.</summary>
/// <param name="PeakMiB">Largest resident size of the process, in MiB.</param>
/// <param name="Device">What ran the model: <c>cpu</c>, or the GPU with its driver.</param>
public sealed record ShardUsage(DateTimeOffset StartedAt, double WallSeconds, double CpuSeconds, double PeakMiB, string Node, string Device, string Runtime, string Platform);
