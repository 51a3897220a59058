using Governance.Core;

namespace Governance.Client.Contracts;

/// <summary>What a run computed and what was there before, shard by shard. Immutable.</summary>
/// <param name="Plan">Digest of the plan document; the same inputs, checks and layout give the same.</param>
/// <param name="Stages">Why the shards are cut as they are.</param>
public sealed record RunExplanation(string RunId, Digest Plan, string Engine, IReadOnlyList<string> Stages, IReadOnlyList<ShardExplanation> Shards);

/// <param name="Runs">Times the shard was started and left a report.</param>
public sealed record ShardExplanation(int Index, double EstimatedSeconds, int Runs, double? WallSeconds, double? CpuSeconds, double? PeakMiB, string? Node, string? Problem, IReadOnlyList<WorkExplanation> Work);

/// <param name="Key">Digest of everything that produces the result: what it is found by.</param>
/// <param name="Result">Digest of the result; null when there is none.</param>
/// <param name="Cached">True when it was there before, or was not needed because its check's result was.</param>
public sealed record WorkExplanation(string Work, Digest Key, Digest? Result, bool Cached);
