using Governance.Jobs.Plans;

namespace Governance.Jobs.Engines;

/// <summary>
/// Runs the shards of a job somewhere. Whatever the back end does, a shard may run twice, and may be lost: results are idempotent, and who
/// calls this decides what to try again. Implementations are thread-safe.
/// </summary>
public interface IShardEngine
{
    /// <summary>As evidence names it: <c>local</c>, <c>processes</c>, <c>slurm</c>, <c>kubernetes</c>, <c>ray</c>.</summary>
    string Name { get; }

    /// <summary>Shards that run at once: what plans are laid out for.</summary>
    int Slots { get; }

    /// <summary>Shards that it starts a second, at most: plans are not cut finer than pays. More than 0. Default: no limit worth knowing.</summary>
    double LaunchesPerSecond => double.PositiveInfinity;

    /// <summary>How often asking for states is polite.</summary>
    TimeSpan PollInterval { get; }

    /// <summary>Whether the back end itself starts a job when another has ended (<see cref="ShardJob.After"/>), also when nobody watches. Default: no.</summary>
    bool Chains => false;

    /// <summary>Starts a shard per index. A job of the same name that the back end still knows is not started again.</summary>
    /// <returns>What the back end calls the job; survives a restart of the gateway where the back end does.</returns>
    /// <exception cref="EngineException">Nothing was started.</exception>
    Task<string> SubmitAsync(ShardJob job, CancellationToken cancellationToken);

    /// <summary>The state of every index of the job. What the back end no longer knows is <see cref="ShardPhase.Lost"/>.</summary>
    /// <exception cref="EngineException">The back end cannot be asked now.</exception>
    Task<IReadOnlyList<ShardState>> PollAsync(ShardJob job, string ticket, CancellationToken cancellationToken);

    /// <summary>Stops some shards, or all when null. Stopping what has ended changes nothing.</summary>
    Task CancelAsync(ShardJob job, string ticket, IReadOnlyCollection<int>? indices, CancellationToken cancellationToken);

    /// <summary>The end of what a shard wrote, at most <see cref="ShardLog.MaxBytes"/>; empty when there is nothing.</summary>
    Task<string> LogAsync(ShardJob job, string ticket, int index, CancellationToken cancellationToken);
}

/// <summary>Shards to run. Immutable.</summary>
public sealed record ShardJob
{
    /// <summary>Unique for ever, 1 to 53 of <c>a-z 0-9 -</c>: what back ends find it by.</summary>
    public required string Name { get; init; }

    /// <summary>Shard indices, ascending.</summary>
    public required IReadOnlyList<int> Indices { get; init; }

    public required ShardCommand Command { get; init; }

    public required ShardResources Resources { get; init; }

    /// <summary>Folder of the plan, seen by every node.</summary>
    public required string Folder { get; init; }

    /// <summary>Shards of this job at work at once; null for as many as the back end gives.</summary>
    public int? MaxParallel { get; init; }

    /// <summary>What the back end calls the job that must have ended, however it ended, before this one starts; null for none. Only where the engine chains.</summary>
    public string? After { get; init; }

    public string LogFolder => Path.Combine(Folder, "logs");
}

/// <summary>What a shard's process is. The launcher adds <c>SHARD_INDEX</c> to the environment.</summary>
/// <param name="FileName">Executable, on every node.</param>
public sealed record ShardCommand(string FileName, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment)
{
    public const string IndexVariable = "SHARD_INDEX";

    /// <summary>Name of the job whose tasks go on with shards that nobody has begun; not set where a task runs its own shard only.</summary>
    public const string JobVariable = "SHARD_JOB";

    /// <summary>The shards of that job: <c>0-4,7</c>.</summary>
    public const string JobIndicesVariable = "SHARD_JOB_INDICES";
}

public enum ShardPhase
{
    Queued,
    Running,

    /// <summary>Ended with exit code 0: its results are still to be looked for.</summary>
    Succeeded,

    /// <summary>Ended with another exit code.</summary>
    Failed,

    TimedOut,
    Cancelled,

    /// <summary>The back end lost it: a node died, or it was never heard of again. Worth trying again.</summary>
    Lost,
}

/// <param name="Reason">The back end's words, for people.</param>
public sealed record ShardState(int Index, ShardPhase Phase, int? ExitCode = null, string? Reason = null, string? Node = null)
{
    public bool HasEnded => Phase is not (ShardPhase.Queued or ShardPhase.Running);
}

public enum EngineFault
{
    /// <summary>Asking again later may help.</summary>
    Unreachable,

    /// <summary>The back end refuses: credentials, quota, a request it can never satisfy.</summary>
    Refused,
}

/// <summary>The back end cannot do what it was asked. The message is for people and holds no secret.</summary>
public sealed class EngineException(EngineFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public EngineFault Fault { get; } = fault;
}
