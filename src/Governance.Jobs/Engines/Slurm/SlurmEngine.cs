namespace Governance.Jobs.Engines.Slurm;

/// <summary>
/// Runs shards as the tasks of Slurm array jobs. Plan, artefacts and results lie on a file system that the nodes share. A task that Slurm
/// requeues after a node failure may run twice; results do not mind. Thread-safe.
/// </summary>
public sealed class SlurmEngine : IShardEngine, IDisposable
{
    private readonly SlurmOptions options;
    private readonly ISlurm slurm;

    public SlurmEngine(SlurmOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slots, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.LaunchesPerSecond, nameof(options));
        this.options = options;
        slurm = options.Rest is { } rest ? new SlurmRest(options, rest) : new SlurmCommands(options);
    }

    public string Name => "slurm";

    public int Slots => options.Slots;

    public double LaunchesPerSecond => options.LaunchesPerSecond;

    public bool Chains => true;

    public TimeSpan PollInterval => TimeSpan.FromSeconds(1);

    public async Task<string> SubmitAsync(ShardJob job, CancellationToken cancellationToken)
    {
        if (await slurm.FindAsync(job.Name, cancellationToken) is { } known)
        {
            return known;
        }

        Directory.CreateDirectory(job.LogFolder);
        return await slurm.SubmitAsync(job with { MaxParallel = Math.Min(job.MaxParallel ?? Slots, Slots) }, SlurmScript.Of(job), cancellationToken);
    }

    public async Task<IReadOnlyList<ShardState>> PollAsync(ShardJob job, string ticket, CancellationToken cancellationToken)
    {
        var tasks = (await slurm.TasksAsync(ticket, cancellationToken)).ToDictionary(t => t.Index);
        if (tasks.Values.Where(SlurmStates.IsHeldAfterLaunch).Select(t => t.Index).ToList() is { Count: > 0 } held)
        {
            // Whoever watches starts them again; these are not to run when an administrator lets them go.
            await slurm.CancelAsync(ticket, held, cancellationToken);
        }

        return [.. job.Indices.Select(i => tasks.TryGetValue(i, out var task)
            ? SlurmStates.Read(task)
            : new ShardState(i, ShardPhase.Lost, Reason: "Slurm no longer knows the task."))];
    }

    public Task CancelAsync(ShardJob job, string ticket, IReadOnlyCollection<int>? indices, CancellationToken cancellationToken) =>
        slurm.CancelAsync(ticket, indices, cancellationToken);

    public Task<string> LogAsync(ShardJob job, string ticket, int index, CancellationToken cancellationToken) =>
        ShardLog.TailAsync(SlurmScript.LogPath(job, index), cancellationToken);

    public void Dispose() => (slurm as IDisposable)?.Dispose();
}
