using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Governance.Checks;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Core;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Shards;

namespace Governance.Cli.Commands;

/// <summary><c>gov shard</c>: what a cluster node runs.</summary>
internal static class ShardCommands
{
    /// <summary>Where launchers say which shard a process is, in the order they are asked.</summary>
    private static readonly string[] IndexVariables = [ShardCommand.IndexVariable, "SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"];

    public static Command Create(CommandFactory factory) => CommandFactory.Group("shard", "One shard of a check plan: what a cluster node runs", Run(factory));

    private static Command Run(CommandFactory factory)
    {
        var plan = new Argument<string>("plan") { Description = "The plan document" };
        var index = new Argument<int?>("index")
        {
            Description = $"Number of the shard [default: {string.Join(", ", IndexVariables)}, the first that is set]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var artifacts = Values.Required<string>("--artifacts", "Folder of the model and data files, by digest");
        var results = Values.Optional<string?>("--results", "Folder of results by key [default: results in the --out folder]");
        var output = Values.Optional<string?>("--out", "Folder for report and progress [default: the plan's]");
        return factory.Leaf("run", "Compute one shard: needs no gateway, no database, no network",
            ["gov shard run plan.json 3 --artifacts /shared/artifacts --results /shared/results", "SHARD_INDEX=3 gov shard run plan.json --artifacts /shared/artifacts --json"],
            [plan, index, artifacts, results, output],
            async (run, cancellationToken) =>
            {
                var path = Path.GetFullPath(run.Get(plan));
                var document = Read(path);
                var number = run.Get(index) ?? IndexOf(run.Terminal);
                if (number < 0 || number >= document.Shards().Count)
                {
                    throw CliException.Invalid($"The plan has shards 0 to {document.Shards().Count - 1}, no {number}.");
                }

                var folder = new RunFolder(run.Get(output) ?? Path.GetDirectoryName(path)!);
                var store = new ResultStore(run.Get(results) ?? Path.Combine(folder.Root, "results"));
                var runner = new ShardRunner(store, folder, run.Terminal.Time);
                var root = run.Get(artifacts);
                using var inputs = new InputsOnce(document, digest => ArtifactPath.Of(root, digest));
                if (run.Get(index) is null && JobOf(run.Terminal, document) is { } job)
                {
                    var reports = await new ShardTask(runner, folder, store, document, job, run.Terminal.Time).RunAsync(number, inputs.LoadAsync, cancellationToken);
                    run.Output.Result(reports, ShardViews.Reports);
                    return Ended(run, reports is [.., var last] ? last : null);
                }

                var report = await runner.RunAsync(document, number, inputs.LoadAsync, cancellationToken);
                run.Output.Result(report, ShardViews.Report);
                return Ended(run, report);
            });
    }

    private static int Ended(Invocation run, ShardReport? report)
    {
        if (report?.Problem is { } problem)
        {
            run.Output.Note(problem);
        }

        return report?.ExitCode ?? ShardExit.Done;
    }

    /// <exception cref="CliException">There is no such plan, or it is none.</exception>
    internal static CheckPlan Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > CheckPlan.MaxBytes)
            {
                throw CliException.Invalid($"{path} is larger than a plan may be.");
            }

            var plan = GovernanceJson.Deserialize<CheckPlan>(File.ReadAllBytes(path));
            return plan.Format == CheckPlan.CurrentFormat
                ? plan
                : throw CliException.Invalid($"{path} is a plan of format '{plan.Format}'; this build reads '{CheckPlan.CurrentFormat}'.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CliException.Invalid($"There is no plan {path}: is the shared folder mounted on this node?");
        }
        catch (JsonException)
        {
            throw CliException.Invalid($"{path} is not a check plan.");
        }
    }

    private static int IndexOf(Terminal terminal)
    {
        foreach (var text in IndexVariables.Select(terminal.Variable).OfType<string>())
        {
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? index
                : throw CliException.Usage($"'{text}' is not the number of a shard.");
        }

        throw CliException.Usage("Say which shard: its number after the plan, or SHARD_INDEX in the environment.");
    }

    /// <summary>The job whose shards this task goes on with; null when it runs its own only.</summary>
    private static JobShare? JobOf(Terminal terminal, CheckPlan plan) => terminal.Variable(ShardCommand.JobVariable) is { Length: > 0 } name && terminal.Variable(ShardCommand.JobIndicesVariable) is { } indices
        ? JobShare.Read(name, indices, plan)
        : null;

    /// <summary>Loads the inputs when the first item of the shard needs them, and not at all when every result is there.</summary>
    private sealed class InputsOnce(CheckPlan plan, Func<Digest, string> locate) : IDisposable
    {
        private PlanInputs? loaded;

        public async Task<CheckInput> LoadAsync(CancellationToken cancellationToken) =>
            (loaded ??= await PlanInputs.LoadAsync(plan, locate, cancellationToken)).Input;

        public void Dispose() => loaded?.Dispose();
    }
}
