using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Serving;

namespace Governance.Cli.Commands;

/// <summary><c>gov route</c>: who answers a route, and how.</summary>
internal static class RouteCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("route", "Routes: who answers, canary, shadows, pin, kill switch",
        List(factory), Show(factory), Pin(factory), Canary(factory), Split(factory), Rollback(factory), Shadow(factory), Configure(factory),
        Switch(factory, "stop", "Stop a route at once: nothing answers (owner, validator, compliance)", "Wrong reasons in letters", "carla",
            static (run, name, reason, cancellationToken) => run.Client.StopRouteAsync(name, reason, run.IdempotencyKey, cancellationToken)),
        Switch(factory, "start", "Let a stopped route answer again (owner)", "Catalogue mended and checked", "olivia",
            static (run, name, reason, cancellationToken) => run.Client.StartRouteAsync(name, reason, run.IdempotencyKey, cancellationToken)));

    private static Command List(CommandFactory factory)
    {
        var (size, token) = (Values.PageSize(), Values.PageToken());
        return factory.Leaf("list", "List routes", ["gov route list"], [size, token], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.ListRoutesAsync(new PageRequest(run.Get(size), run.Get(token)), cancellationToken), RouteViews.Routes);
            return ExitCodes.Ok;
        });
    }

    private static Command Show(CommandFactory factory)
    {
        var (name, asOf) = (Name(), Values.AsOf());
        return factory.Leaf("show", "Show a route: who answers, and how", ["gov route show home-loans"], [name, asOf], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetRouteAsync(run.Get(name), run.Get(asOf), cancellationToken), RouteViews.Route);
            return ExitCodes.Ok;
        });
    }

    private static Command Pin(CommandFactory factory)
    {
        var name = Name();
        var version = new Argument<int?>("version") { Description = "The version that answers; leave out to release the pin", Arity = ArgumentArity.ZeroOrOne };
        return factory.Leaf("pin", "Hold a route at the version that answers, or release it (owner)", ["gov route pin home-loans 2 --as olivia", "gov route pin home-loans --as olivia"],
            [name, version], (run, cancellationToken) => ChangeAsync(run, run.Get(name), null, s => s with { PinnedVersion = run.Get(version) }, cancellationToken));
    }

    private static Command Shadow(CommandFactory factory)
    {
        var name = Name();
        var versions = new Argument<int[]>("versions") { Description = "Versions to mirror to; none to stop mirroring", Arity = ArgumentArity.ZeroOrMore };
        return factory.Leaf("shadow", "Mirror answered requests to versions that never answer (owner)", ["gov route shadow home-loans 3 --as olivia", "gov route shadow home-loans --as olivia"],
            [name, versions], (run, cancellationToken) => ChangeAsync(run, run.Get(name), null, s => s with { Shadows = run.Get(versions) }, cancellationToken));
    }

    private static Command Configure(CommandFactory factory)
    {
        var name = Name();
        var file = new Argument<string?>("file")
        {
            Description = "JSON file with all settings, as in 'gov route show --json' under settings, without canary and stopped; leave out to keep them", Arity = ArgumentArity.ZeroOrOne,
        };
        var pipeline = new Option<string?>("--pipeline") { Description = "JSON file with the pipeline, put in place of the settings' own" };
        return factory.Leaf("configure", "Set how a route answers: audit, review, reasons, counterfactuals, groups, export, upstream, limits, rollback, pipeline (owner)",
            ["gov route configure home-loans settings.json --as olivia", "gov route configure home-loans --pipeline pipeline.json --as olivia"],
            [name, file, pipeline], async (run, cancellationToken) =>
            {
                var (all, part) = (run.Get(file), run.Get(pipeline));
                if (all is null && part is null)
                {
                    throw CliException.Usage("There is nothing to set.", "Name a file with all settings, or one with the pipeline: --pipeline FILE.");
                }

                var given = all is null ? null : await ReadAsync<RouteSettings>(all, cancellationToken);
                var computed = part is null ? null : await ReadAsync<RoutePipeline>(part, cancellationToken);
                return await ChangeAsync(run, run.Get(name), given, s => computed is null ? s : s with { Pipeline = computed }, cancellationToken);
            });
    }

    private static Command Canary(CommandFactory factory)
    {
        var (name, version, percent) = (Name(), Values.Version(), Percent());
        return factory.Leaf("canary", "Let a version answer a part of the subjects, if the gate allows it (owner)", ["gov route canary home-loans 3 --percent 5 --as olivia"],
            [name, version, percent], async (run, cancellationToken) =>
            {
                var request = new CanaryRequest(run.Get(version), run.Get(percent));
                run.Output.Result(await run.Client.StartCanaryAsync(run.Get(name), request, run.IdempotencyKey, cancellationToken), RouteViews.Route);
                return ExitCodes.Ok;
            });
    }

    private static Command Split(CommandFactory factory)
    {
        var (name, percent) = (Name(), Percent());
        return factory.Leaf("split", "Change the share of the running canary, if the gate still allows it (owner)", ["gov route split home-loans --percent 25 --as olivia"], [name, percent],
            async (run, cancellationToken) =>
            {
                var route = await run.Client.GetRouteAsync(run.Get(name), asOf: null, cancellationToken);
                var canary = route.Settings.Canary ?? throw CliException.Usage("The route has no canary.", "gov route canary ROUTE VERSION --percent N starts one.");
                var request = new CanaryRequest(canary.Version, run.Get(percent));
                run.Output.Result(await run.Client.StartCanaryAsync(run.Get(name), request, run.IdempotencyKey, cancellationToken), RouteViews.Route);
                return ExitCodes.Ok;
            });
    }

    private static Command Rollback(CommandFactory factory) =>
        Switch(factory, "rollback", "Take the canary back: the champion answers all (owner, validator, compliance)", "More adverse decisions than the champion", "victor",
            static (run, name, reason, cancellationToken) => run.Client.StopCanaryAsync(name, reason, run.IdempotencyKey, cancellationToken));

    private static Command Switch(
        CommandFactory factory, string verb, string description, string example, string persona,
        Func<Invocation, string, string, CancellationToken, Task<RouteDetails>> change)
    {
        var (name, reason) = (Name(), Values.Required<string>("--reason", "Why; kept for ever"));
        return factory.Leaf(verb, description, [$"gov route {verb} home-loans --reason \"{example}\" --as {persona}"], [name, reason], async (run, cancellationToken) =>
        {
            run.Output.Result(await change(run, run.Get(name), run.Get(reason), cancellationToken), RouteViews.Route);
            return ExitCodes.Ok;
        });
    }

    /// <param name="given">The settings to change and send; null for those of the route.</param>
    private static async Task<int> ChangeAsync(Invocation run, string name, RouteSettings? given, Func<RouteSettings, RouteSettings> change, CancellationToken cancellationToken)
    {
        var settings = given ?? (await run.Client.GetRouteAsync(name, asOf: null, cancellationToken)).Settings with { Canary = null, Stopped = null };
        run.Output.Result(await run.Client.ConfigureRouteAsync(name, change(settings), run.IdempotencyKey, cancellationToken), RouteViews.Route);
        return ExitCodes.Ok;
    }

    private static async Task<T> ReadAsync<T>(string file, CancellationToken cancellationToken)
    {
        try
        {
            return GovernanceJson.Deserialize<T>(await File.ReadAllBytesAsync(InputFiles.Existing(file), cancellationToken));
        }
        catch (System.Text.Json.JsonException e)
        {
            throw CliException.Usage($"The file {file} cannot be read: {e.Message}", "gov route show ROUTE --json prints the form of settings; docs/serving.md that of a pipeline.");
        }
    }

    private static Argument<string> Name() => new("route") { Description = "Route: the model's id" };

    private static Option<int> Percent() => Values.Required<int>("--percent", "Share of the subjects, 1 to 99");
}
