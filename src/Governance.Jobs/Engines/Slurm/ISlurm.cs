namespace Governance.Jobs.Engines.Slurm;

/// <summary>What is asked of Slurm, over its commands or over REST. Thread-safe.</summary>
internal interface ISlurm
{
    /// <summary>Submits an array job.</summary>
    /// <returns>Its id.</returns>
    Task<string> SubmitAsync(ShardJob job, string script, CancellationToken cancellationToken);

    /// <summary>The array job of a name that Slurm still knows; null when there is none.</summary>
    Task<string?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>The tasks Slurm still knows.</summary>
    Task<IReadOnlyList<SlurmTask>> TasksAsync(string id, CancellationToken cancellationToken);

    /// <param name="indices">Null for all.</param>
    Task CancelAsync(string id, IReadOnlyCollection<int>? indices, CancellationToken cancellationToken);
}

/// <param name="State">As Slurm writes it: <c>RUNNING</c>, <c>NODE_FAIL</c>.</param>
/// <param name="WaitStatus">As of wait(2): exit code times 256, or a signal; null while unknown.</param>
internal sealed record SlurmTask(int Index, string State, int? WaitStatus, string? Reason, string? Node);
