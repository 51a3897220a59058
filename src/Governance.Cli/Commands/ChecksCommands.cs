using System.CommandLine;
using System.Globalization;
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
                Draw.Rows(console, ["check", "version", "family", "runs", "question"], checks.Select(c => (IReadOnlyList<string>)[c.Id, c.Version, Draw.Word(c.Family), c.OnRequest ? "on request" : "always", c.Purpose])));
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
        var folder = new Option<string?>("--case") { Description = "Folder of data, models and reference scores", HelpName = "dir" };
        var model = Values.Optional<string?>("--model", "Model of the case [default: its first]; without a case, an ONNX file");
        var data = Values.Optional<string?>("--data", "CSV file to evaluate on, without a case");
        var schema = Values.Optional<string?>("--schema", "JSON file that declares the columns of the data, without a case");
        var training = Values.Optional<string?>("--training", "CSV file the model was trained on, without a case");
        var favourable = new Option<int>("--favourable") { Description = "The prediction that is good for the person, 0 or 1, without a case", DefaultValueFactory = _ => 0 };
        var references = Values.Many("--reference", "Reference group, attribute=level, without a case");
        var champion = Values.Optional<string?>("--champion", "ONNX file of the model in use now, with the same features");
        var alternatives = Values.Many("--alternative", "Another considered model, name=file.onnx, with the same features");
        var features = Values.Optional<string?>("--features", "JSON file of rules by feature: group, reasonCode, reasonText, isMutable, change, monotone, minimum, maximum, step, measurementError");
        var parameters = Values.Many("--parameter", "Parameter of a check, check.parameter=number");
        var checks = Values.Many("--check", "Check id [default: the standard ones that apply]");
        var threshold = Values.Optional<double?>("--threshold", "Cut-off [default: the case's, or 0.5]");
        var seed = new Option<long>("--seed") { Description = "Seed of the stochastic parts", DefaultValueFactory = _ => new Client.Contracts.StartRunRequest().Seed };
        var shards = new Option<int>("--shards") { Description = "Parts to split the rows into; the result is the same for any number", DefaultValueFactory = _ => Environment.ProcessorCount };
        return factory.Leaf("run", "Run checks in this process, without a gateway",
            [
                "gov checks run --case ../shared/cases/german_credit --model random_forest", "gov checks run --case german_credit --check fairness.adverse_impact --threshold 0.2 --json",
                "gov checks run --model model.onnx --data test.csv --schema schema.json --training train.csv --reference sex=male",
            ],
            [folder, model, data, schema, training, favourable, references, champion, alternatives, features, parameters, checks, threshold, seed, shards],
            async (run, cancellationToken) =>
            {
                var wanted = run.Get(checks) is { Length: > 0 } ids ? ids.Select(Find).ToList() : CheckCatalogue.Standard;
                var material = run.Get(folder) is { } chosen
                    ? await LocalMaterial.OfCaseAsync(chosen, run.Get(model), cancellationToken)
                    : await LocalMaterial.OfFilesAsync(
                        run.Get(model) ?? throw Needed("--model"), run.Get(data) ?? throw Needed("--data"), run.Get(schema) ?? throw Needed("--schema"), run.Get(training),
                        run.Get(favourable) is 0 or 1 ? run.Get(favourable) : throw CliException.Usage("--favourable is 0 or 1."), Pairs("--reference", run.Get(references)), Console.In, cancellationToken);
                var local = new LocalRun(material, run.Get(threshold), run.Get(seed), run.Get(shards))
                {
                    Champion = run.Get(champion),
                    Alternatives = Pairs("--alternative", run.Get(alternatives)),
                    Features = run.Get(features),
                    Parameters = Numbers(run.Get(parameters)),
                };
                var outcome = await local.RunAsync(wanted, run.Output, cancellationToken);
                run.Output.Result(outcome, CheckViews.Outcome);
                return ExitCodes.Ok;
            });
    }

    private static CliException Needed(string option) => CliException.Usage($"Give --case, or --model, --data and --schema: {option} is missing.");

    /// <summary>Words of the form <c>name=value</c>.</summary>
    private static Dictionary<string, string> Pairs(string option, string[] words)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            if (word.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } value] || !pairs.TryAdd(name, value))
            {
                throw CliException.Usage($"{option} is name=value, each name once; '{word}' is not.");
            }
        }

        return pairs;
    }

    internal static Dictionary<string, IReadOnlyDictionary<string, double>> Numbers(string[] words) => Pairs("--parameter", words)
        .Select(p => p.Key.LastIndexOf('.') is > 0 and var dot && double.TryParse(p.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? (Check: Find(p.Key[..dot]).Descriptor.Id, Name: p.Key[(dot + 1)..], Number: number)
            : throw CliException.Usage($"--parameter is check.parameter=number; '{p.Key}={p.Value}' is not."))
        .GroupBy(p => p.Check, StringComparer.Ordinal).ToDictionary(g => g.Key, g => (IReadOnlyDictionary<string, double>)g.ToDictionary(p => p.Name, p => p.Number));

    private static ICheck Find(string id) =>
        CheckCatalogue.Find(id) ?? throw CliException.NotFound($"There is no check '{id}'.", "List them with: gov checks list");
}
