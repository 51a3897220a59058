using Governance.Cli.Shell;
using Governance.Jobs.Engines;
using Governance.Jobs.Engines.InProcess;
using Governance.Jobs.Engines.Processes;
using Governance.Jobs.Engines.Slurm;
using Governance.Jobs.Runs;
using Governance.Jobs.Shards;

namespace Governance.Cli.Commands;

/// <summary>Engines that need no more than a name, and what their shards are, for commands that carry out plans without a gateway.</summary>
internal static class PlanEngines
{
    /// <summary><c>local</c>, <c>processes</c> or <c>slurm</c>.</summary>
    /// <param name="inputs">Of shards in this process.</param>
    public static IShardEngine Of(string name, int slots, JobsFolder store, SharedInputs inputs, TimeProvider time) => name switch
    {
        "processes" => new ProcessEngine(slots),
        "slurm" => new SlurmEngine(new SlurmOptions { Slots = slots }),
        _ => new InProcessEngine((job, index, token) => InProcessShard.RunAsync(job, index, store.Results, inputs, time, token), slots),
    };

    /// <summary>This program again, as a node starts it.</summary>
    /// <param name="artifacts">Folder of the files that plans name.</param>
    /// <param name="given">The program on the nodes; null for this one's path.</param>
    public static ShardCommand Command(JobsFolder store, string artifacts, string? given)
    {
        var self = Environment.ProcessPath!;
        IReadOnlyList<string> program = given is not null ? [given] : Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, Environment.GetCommandLineArgs()[0]] : [self];
        return new ShardCommand(program[0], [.. program.Skip(1), "shard", "run", "--artifacts", artifacts, "--results", Path.Combine(store.Root, "results")], new Dictionary<string, string>());
    }

    /// <summary>Tells how many results there are, each time that changes.</summary>
    internal sealed class Notes(Output output) : IProgress<PlanProgress>
    {
        private int told = -1;

        public void Report(PlanProgress value)
        {
            var (done, total) = (value.Checks.Values.Sum(c => c.Done), value.Checks.Values.Sum(c => c.Total));
            if (done != told)
            {
                told = done;
                output.Note($"  {done} of {total} results");
            }
        }
    }
}
