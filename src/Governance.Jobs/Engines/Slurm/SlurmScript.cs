using System.Globalization;
using System.Text;

namespace Governance.Jobs.Engines.Slurm;

/// <summary>The batch script of a job: sets the environment and becomes the shard.</summary>
internal static class SlurmScript
{
    public static string Of(ShardJob job)
    {
        var script = new StringBuilder("#!/bin/sh\n");
        var environment = job.Command.Environment;
        if (!environment.ContainsKey("PATH"))
        {
            script.Append("export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
        }

        foreach (var (name, value) in environment)
        {
            script.Append(CultureInfo.InvariantCulture, $"export {name}={Quote(value)}\n");
        }

        script.Append(CultureInfo.InvariantCulture, $"export {ShardCommand.IndexVariable}=\"$SLURM_ARRAY_TASK_ID\"\n");
        return script.Append("exec ").AppendJoin(' ', job.Command.Arguments.Prepend(job.Command.FileName).Select(Quote)).Append('\n').ToString();
    }

    /// <summary>Indices as Slurm takes them: <c>0-4,7%8</c>.</summary>
    public static string Array(ShardJob job) => $"{IndexRanges.Write(job.Indices)}%{job.MaxParallel ?? job.Indices.Count}";

    /// <summary>After the end of another job, also of a failed one: <c>afterok</c> would wait for ever, and what a failed shard left out is made again.</summary>
    public static string? Dependency(ShardJob job) => job.After is { } id ? $"afterany:{id}" : null;

    public static string LogPattern(ShardJob job) => Path.Combine(job.LogFolder, $"{job.Name}.%a.log");

    public static string LogPath(ShardJob job, int index) => LogPattern(job).Replace("%a", index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
