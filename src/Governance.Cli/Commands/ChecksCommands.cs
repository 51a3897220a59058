using System.CommandLine;
using Governance.Checks;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Core.Evidence;

namespace Governance.Cli.Commands;

/// <summary><c>gov checks</c>: what checks there are, and running them here without a gateway.</summary>
internal static class ChecksCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("checks", "The checks: list, describe, run without a gateway",
        List(factory), Describe(factory), Run(factory));

    private static Command List(CommandFactory factory) =>
        factory.Leaf("list", "List the checks", ["gov checks list", "gov checks list --json"], [], (run, _) =>
        {
            run.Output.Result(CheckCatalogue.All.Select(c => c.Descriptor).ToList(), static (console, checks) =>
                Draw.Rows(console, ["check", "version", "family", "question"], checks.Select(c => (IReadOnlyList<string>)[c.Id, c.Version, Draw.Word(c.Family), c.Purpose])));
            return Task.FromResult(ExitCodes.Ok);
        });

    private static Command Describe(CommandFactory factory)
    {
        var id = new Argument<string>("check") { Description = "Check id" };
        id.CompletionSources.Add(_ => CheckCatalogue.All.Select(c => new System.CommandLine.Completions.CompletionItem(c.Descriptor.Id)));
        return factory.Leaf("describe", "Describe a check: method, limits, parameters, sources", ["gov checks describe fairness.adverse_impact"], [id], (run, _) =>
        {
            run.Output.Result(Find(run.Get(id)).Descriptor, CheckViews.Descriptor);
            return Task.FromResult(ExitCodes.Ok);
        });
    }

    private static Command Run(CommandFactory factory)
    {
        var folder = new Option<string>("--case") { Description = "Folder of data, models and reference scores", Required = true, HelpName = "dir" };
        var model = Values.Optional<string?>("--model", "Model of the case [default: its first]");
        var checks = Values.Many("--check", "Check id [default: all that apply]");
        var threshold = Values.Optional<double?>("--threshold", "Cut-off [default: the case's]");
        var seed = new Option<long>("--seed") { Description = "Seed of the stochastic parts", DefaultValueFactory = _ => new Client.Contracts.StartRunRequest().Seed };
        var shards = new Option<int>("--shards") { Description = "Parts to split the rows into; the result is the same for any number", DefaultValueFactory = _ => Environment.ProcessorCount };
        return factory.Leaf("run", "Run checks in this process, without a gateway",
            ["gov checks run --case ../shared/cases/german_credit --model random_forest", "gov checks run --case german_credit --check fairness.adverse_impact --threshold 0.2 --json"],
            [folder, model, checks, threshold, seed, shards],
            async (run, cancellationToken) =>
            {
                var wanted = run.Get(checks) is { Length: > 0 } ids ? ids.Select(Find).ToList() : CheckCatalogue.All;
                var local = new LocalRun(run.Get(folder), run.Get(model), run.Get(threshold), run.Get(seed), run.Get(shards));
                var outcome = await local.RunAsync(wanted, run.Output, cancellationToken);
                run.Output.Result(outcome, CheckViews.Outcome);
                return ExitCodes.Ok;
            });
    }

    private static ICheck Find(string id) =>
        CheckCatalogue.Find(id) ?? throw CliException.NotFound($"There is no check '{id}'.", "List them with: gov checks list");
}
