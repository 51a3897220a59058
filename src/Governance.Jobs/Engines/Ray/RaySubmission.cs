using System.Globalization;
using System.Text.Json.Nodes;

namespace Governance.Jobs.Engines.Ray;

/// <summary>The submission of one shard. A pure function.</summary>
internal static class RaySubmission
{
    /// <summary>Unique for ever, as the job's name is: Ray refuses it a second time.</summary>
    public static string Id(ShardJob job, int index) => string.Create(CultureInfo.InvariantCulture, $"{job.Name}-{index}");

    public static JsonObject Of(ShardJob job, int index)
    {
        var variables = new JsonObject(job.Command.Environment.Select(v => KeyValuePair.Create<string, JsonNode?>(v.Key, v.Value)))
        {
            [ShardCommand.IndexVariable] = index.ToString(CultureInfo.InvariantCulture),
        };
        var submission = new JsonObject
        {
            ["submission_id"] = Id(job, index),
            ["entrypoint"] = Entrypoint(job),
            ["entrypoint_num_cpus"] = job.Resources.Cpus,
            ["entrypoint_memory"] = (long)job.Resources.MemoryMiB << 20,
            ["runtime_env"] = new JsonObject { ["env_vars"] = variables },
            ["metadata"] = new JsonObject { ["owner"] = "governance", ["job"] = job.Name },
        };
        if (job.Resources.Gpus > 0)
        {
            submission["entrypoint_num_gpus"] = job.Resources.Gpus;
        }

        return submission;
    }

    /// <summary>Ray hands the entry point to a shell, and has no time limit of its own.</summary>
    private static string Entrypoint(ShardJob job) =>
        string.Create(CultureInfo.InvariantCulture, $"exec timeout -k 10 {job.Resources.Minutes * 60L} ")
        + string.Join(' ', job.Command.Arguments.Prepend(job.Command.FileName).Select(w => $"'{w.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
}
