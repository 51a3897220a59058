namespace Governance.Jobs.Engines.InProcess;

/// <summary>Runs shards in this process: nothing to install, nothing to load twice. Thread-safe.</summary>
/// <param name="run">Runs a shard of a job and returns its exit code.</param>
/// <param name="slots">Shards at once; one per processor unless said otherwise.</param>
public sealed class InProcessEngine(Func<ShardJob, int, CancellationToken, Task<int>> run, int? slots = null) : TaskEngine(slots ?? Environment.ProcessorCount)
{
    public override string Name => "local";

    public override TimeSpan PollInterval => TimeSpan.FromMilliseconds(50);

    /// <summary>Shards in this process write no log of their own.</summary>
    public override Task<string> LogAsync(ShardJob job, string ticket, int index, CancellationToken cancellationToken) => Task.FromResult("");

    protected override Task<int> RunAsync(ShardJob job, int index, CancellationToken cancellationToken) =>
        Task.Run(() => run(job, index, cancellationToken), cancellationToken);
}
