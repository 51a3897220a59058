using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client.Contracts;

namespace Governance.Cli.Commands;

/// <summary><c>gov run</c>: check runs on the gateway.</summary>
internal static class RunCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("run", "Runs of checks on a version", Start(factory), Show(factory), Watch(factory));

    private static Command Start(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        var checks = Values.Many("--check", "Check id [default: all that apply]");
        var seed = new Option<long>("--seed") { Description = "Seed of the stochastic parts", DefaultValueFactory = _ => new StartRunRequest().Seed };
        var wait = new Option<bool>("--wait") { Description = "Follow it to its end" };
        return factory.Leaf("start", "Start checks on a version",
            ["gov run start home-loans 2 --wait --as victor", "gov run start home-loans 2 --check fairness.adverse_impact --as dana"],
            [model, version, checks, seed, wait],
            async (run, cancellationToken) =>
            {
                var request = new StartRunRequest(run.Get(checks), run.Get(seed));
                var started = await run.Client.StartRunAsync(run.Get(model), run.Get(version), request, run.IdempotencyKey, cancellationToken);
                if (run.Get(wait))
                {
                    return await FollowAsync(run, started.Id, cancellationToken);
                }

                run.Output.Result(started, RunView.Show);
                return ExitCodes.Ok;
            });
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
        return ended.Status switch
        {
            RunStatus.Succeeded => ExitCodes.Ok,
            RunStatus.Interrupted => ExitCodes.Unavailable,
            _ => ExitCodes.Invalid,
        };
    }
}
