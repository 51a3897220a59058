namespace Governance.Jobs.Engines.Slurm;

/// <summary>Reads Slurm's states. The state decides, then the exit code: a failed node leaves exit code 0.</summary>
internal static class SlurmStates
{
    /// <summary>Whether Slurm gave up launching a task and holds it until an administrator looks: it would wait for ever.</summary>
    public static bool IsHeldAfterLaunch(SlurmTask task) =>
        task.State.StartsWith("PENDING", StringComparison.Ordinal) && task.Reason?.Replace('_', ' ').Contains("requeued held", StringComparison.OrdinalIgnoreCase) == true;

    public static ShardState Read(SlurmTask task)
    {
        var (index, reason, node) = (task.Index, Text(task.Reason), Text(task.Node));

        // "CANCELLED by 0": the first word is the state.
        return task.State.Split(' ', 2)[0].TrimEnd('+') switch
        {
            "PENDING" when IsHeldAfterLaunch(task) => new(index, ShardPhase.Lost, null, "Slurm could not launch it and holds it: are its nodes drained?", node),
            "PENDING" or "CONFIGURING" or "REQUEUED" or "REQUEUE_HOLD" or "REQUEUE_FED" or "RESV_DEL_HOLD" => new(index, ShardPhase.Queued, null, reason, node),
            "RUNNING" or "COMPLETING" or "SUSPENDED" or "STAGE_OUT" or "SIGNALING" or "STOPPED" or "RESIZING" => new(index, ShardPhase.Running, null, reason, node),
            "COMPLETED" => new(index, ShardPhase.Succeeded, 0, null, node),
            "TIMEOUT" or "DEADLINE" => new(index, ShardPhase.TimedOut, null, "It ran longer than its time limit.", node),
            "CANCELLED" => new(index, ShardPhase.Cancelled, null, reason, node),
            "OUT_OF_MEMORY" => new(index, ShardPhase.Failed, Shards.ShardExit.OutOfMemory, "Out of memory.", node),
            "FAILED" when reason is "JobLaunchFailure" => new(index, ShardPhase.Lost, null, "It could not be launched: is the shared folder mounted and writable on the node?", node),
            "FAILED" => new(index, ShardPhase.Failed, ExitCode(task.WaitStatus), reason, node),
            "NODE_FAIL" or "BOOT_FAIL" or "PREEMPTED" or "REVOKED" or "SPECIAL_EXIT" => new(index, ShardPhase.Lost, null, task.State, node),
            _ => new(index, ShardPhase.Running, null, $"Slurm says {task.State}.", node),
        };
    }

    /// <summary>The exit code, or 128 plus the signal, as shells count it.</summary>
    private static int? ExitCode(int? waitStatus) => waitStatus is not { } status ? null : (status & 0x7f) is > 0 and var signal ? 128 + signal : status >> 8;

    private static string? Text(string? value) => value is null or "" or "None" or "(null)" or "N/A" ? null : value;
}
