using System.CommandLine;
using System.Text.Json;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client.Contracts;
using Governance.Core.Inventory;

namespace Governance.Cli.Commands;

/// <summary><c>gov run</c>: check runs on the gateway.</summary>
internal static class RunCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("run", "Runs of checks on a version", Start(factory), Show(factory), Watch(factory), Cancel(factory), Retry(factory), Explain(factory), Log(factory));

    private static Command Start(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        var checks = Values.Many("--check", "Check id [default: all that apply]");
        var seed = new Option<long>("--seed") { Description = "Seed of the stochastic parts", DefaultValueFactory = _ => new StartRunRequest().Seed };
        var fresh = new Option<bool>("--no-cache") { Description = "Compute also what has a result" };
        var champion = Values.Optional<int?>("--champion", "Version of the model that is in use now");
        var previous = Values.Optional<int?>("--previous", "Version of the model that this one follows");
        var alternatives = new Option<int[]>("--alternative") { Description = "Version that was considered beside it", AllowMultipleArgumentsPerToken = true };
        var features = RunInputs.Features();
        var parameters = RunInputs.Parameters();
        var priority = Values.Choice<RunPriority>("--priority", "Who goes first [default: normal]", RunPriority.Normal);
        var deadline = Values.Optional<DateTimeOffset?>("--deadline", "What has not ended by then ends as expired: 2026-03-31T12:00:00Z");
        var engine = Engine();
        var wait = Wait();
        return factory.Leaf("start", "Start checks on a version",
            [
                "gov run start home-loans 2 --wait --as victor", "gov run start home-loans 2 --check fairness.adverse_impact --as dana",
                "gov run start home-loans 3 --champion 2 --previous 2 --parameter validation.stability.bins=20 --as victor",
                "gov run start home-loans 2 --priority high --deadline 2026-12-01T08:00:00Z --engine slurm --as victor",
            ],
            [model, version, checks, champion, previous, alternatives, features, parameters, seed, fresh, priority, deadline, engine, wait],
            async (run, cancellationToken) =>
            {
                var request = new StartRunRequest(run.Get(checks), run.Get(seed), run.Get(fresh))
                {
                    Champion = run.Get(champion),
                    Previous = run.Get(previous),
                    Alternatives = run.Get(alternatives),
                    Parameters = RunInputs.Numbers(run.Get(parameters)),
                    FeatureRules = run.Get(features) is { } file ? await InputFiles.ReadJsonAsync<JsonElement>(file, Console.In, cancellationToken) : null,
                    Priority = run.Get(priority),
                    Deadline = run.Get(deadline),
                    Engine = run.Get(engine),
                };
                var started = await run.Client.StartRunAsync(run.Get(model), run.Get(version), request, run.IdempotencyKey, cancellationToken);
                return await EndAsync(run, started, run.Get(wait), cancellationToken);
            });
    }

    private static Command Cancel(CommandFactory factory)
    {
        var id = RunId();
        return factory.Leaf("cancel", "Stop a run; what it recorded stays", ["gov run cancel 0198c0de --as victor"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.CancelRunAsync(run.Get(id), run.IdempotencyKey, cancellationToken), RunView.Show);
            return ExitCodes.Ok;
        });
    }

    private static Command Retry(CommandFactory factory)
    {
        var id = RunId();
        var wait = Wait();
        return factory.Leaf("retry", "Start the checks that failed in a run again", ["gov run retry 0198c0de --wait --as victor"], [id, wait], async (run, cancellationToken) =>
        {
            var ended = await run.Client.GetRunAsync(run.Get(id), cancellationToken);
            var failed = ended.Checks.Where(c => c.Status is RunCheckStatus.Failed).Select(c => c.Check).ToList();
            if (failed.Count == 0)
            {
                throw new CliException(ExitCodes.Conflict, "No check of this run failed.");
            }

            if (ended.Settings?.FeatureRules is not null)
            {
                throw new CliException(ExitCodes.Conflict, "This run had feature rules of its own. Start its failed checks with: gov run start --features FILE --check ID");
            }

            var started = await run.Client.StartRunAsync(ended.ModelId, ended.Version, StartRunRequest.Again(ended, failed), run.IdempotencyKey, cancellationToken);
            return await EndAsync(run, started, run.Get(wait), cancellationToken);
        });
    }

    private static Command Explain(CommandFactory factory)
    {
        var id = RunId();
        return factory.Leaf("explain", "Show what a run's shards computed, and what was there before", ["gov run explain 0198c0de", "gov run explain 0198c0de --json"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.ExplainRunAsync(run.Get(id), cancellationToken), RunView.Explanation);
            return ExitCodes.Ok;
        });
    }

    private static Command Log(CommandFactory factory)
    {
        var id = RunId();
        var shard = new Argument<int>("shard") { Description = "Number of the shard" };
        return factory.Leaf("log", "Show the end of what a shard wrote", ["gov run log 0198c0de 3"], [id, shard], async (run, cancellationToken) =>
        {
            var text = await run.Client.GetShardLogAsync(run.Get(id), run.Get(shard), cancellationToken);
            run.Output.Result(new { run = run.Get(id), shard = run.Get(shard), text }, (console, _) => Draw.Line(console, text));
            return ExitCodes.Ok;
        });
    }

    internal static Option<string?> Engine() => Values.Optional<string?>("--engine", "One of the gateway's engines [default: its usual one]");

    private static Option<bool> Wait() => new("--wait") { Description = "Follow it to its end" };

    private static async Task<int> EndAsync(Invocation run, RunDetails started, bool wait, CancellationToken cancellationToken)
    {
        if (wait)
        {
            return await FollowAsync(run, started.Id, cancellationToken);
        }

        run.Output.Result(started, RunView.Show);
        return ExitCodes.Ok;
    }

    private static Command Show(CommandFactory factory)
    {
        var id = RunId();
        return factory.Leaf("show", "Show a run", ["gov run show 0198c0de"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetRunAsync(run.Get(id), cancellationToken), RunView.Show);
            return ExitCodes.Ok;
        });
    }

    private static Command Watch(CommandFactory factory)
    {
        var id = RunId();
        return factory.Leaf("watch", "Follow a run to its end", ["gov run watch 0198c0de"], [id],
            (run, cancellationToken) => FollowAsync(run, run.Get(id), cancellationToken));
    }

    private static Argument<string> RunId() => new("run") { Description = "Run id" };

    private static async Task<int> FollowAsync(Invocation run, string runId, CancellationToken cancellationToken)
    {
        var ended = await RunProgress.FollowAsync(run.Client.WatchRunAsync(runId, cancellationToken), run.Output, cancellationToken);
        run.Output.Result(ended, RunView.Show);
        return ExitCode(ended.Status);
    }

    internal static int ExitCode(RunStatus status) => status switch
    {
        RunStatus.Succeeded => ExitCodes.Ok,
        RunStatus.Interrupted => ExitCodes.Unavailable,
        RunStatus.Cancelled => ExitCodes.Cancelled,
        RunStatus.Expired => ExitCodes.Conflict,
        _ => ExitCodes.Invalid,
    };
}
