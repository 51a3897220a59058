using System.Text.Json.Nodes;

namespace Governance.Jobs.Engines.Ray;

/// <summary>Reads the states of Ray's jobs. A failure that is not the entry point's own is Ray's: the shard was lost.</summary>
internal static class RayStates
{
    private const string EntrypointFailed = "JOB_ENTRYPOINT_COMMAND_ERROR";

    public static ShardState Read(int index, JsonObject answer, ShardJob job)
    {
        var node = Json.Text(answer, "driver_node_id");
        var said = Json.Text(answer, "message") is { } message ? Json.Clip(message) : null;
        return Json.Text(answer, "status") switch
        {
            "PENDING" => new(index, ShardPhase.Queued, Reason: said, Node: node),
            "RUNNING" => new(index, ShardPhase.Running, Node: node),
            "SUCCEEDED" => new(index, ShardPhase.Succeeded, 0, Node: node),
            "STOPPED" => new(index, ShardPhase.Cancelled, Node: node),
            "FAILED" when Json.Text(answer, "error_type") is not EntrypointFailed => new(index, ShardPhase.Lost, Reason: said, Node: node),
            "FAILED" => Json.Number(answer, "driver_exit_code") switch
            {
                // timeout's own codes; 137 only when the shard ignored its first signal, else a kill from outside looks the same.
                124 or 137 => new(index, ShardPhase.TimedOut, Reason: $"It ran longer than {job.Resources.Minutes} min, or was killed.", Node: node),
                var code => new(index, ShardPhase.Failed, code < 0 ? 128 - code : code, Node: node),
            },
            var other => throw new EngineException(EngineFault.Unreachable, $"Ray gives a shard the status '{Json.Clip(other ?? "")}', which is none of its own."),
        };
    }
}
