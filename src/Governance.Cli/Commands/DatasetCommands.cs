using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Inventory;

namespace Governance.Cli.Commands;

/// <summary><c>gov dataset</c>: data that models are trained and checked on.</summary>
internal static class DatasetCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("dataset", "Training and evaluation data",
        Add(factory), Append(factory), List(factory), Show(factory), Lineage(factory), DatasetFileCommands.Profile(factory), DatasetFileCommands.Split(factory));

    private static Command Add(CommandFactory factory)
    {
        var id = new Argument<string>("id") { Description = $"Dataset id: {Identifier.Rule}" };
        var file = new Argument<string>("file") { Description = "CSV with a header" };
        var schema = Values.Required<string>("--schema", "JSON file with the role of every column");
        var name = Values.Required<string>("--name", "Name for people");
        var use = Values.Choice<DatasetUse>("--use", "What it is for");
        var references = Values.Many("--reference-group", "Reference group of a protected attribute: sex=male");
        var basis = Values.Word("--legal-basis", "Legal basis of the processing (GDPR 6)", [.. RegisterDataset.LegalBases]);
        var retention = Values.Required<int>("--retention-months", "How long it may be kept, 1 to 600");
        var parents = Values.Many("--parent", "A registered dataset it was made from: its id");
        var recipe = Values.Optional<string?>("--recipe", "How it was made from its parents");
        var code = Values.Optional<string?>("--recipe-code", "File of the program that made it: its digest is recorded");
        return factory.Leaf("add", "Register a dataset",
            [
                "gov dataset add loans-train train.csv --schema schema.json --name \"Loans 2025\" --use training --reference-group sex=male --legal-basis contract --retention-months 60 --as dana",
                "gov dataset add loans-young young.csv --parent loans-train --recipe \"rows with age below 30\" --schema schema.json --name \"Young applicants\" --use training --reference-group sex=male --legal-basis contract --retention-months 60 --as dana",
            ],
            [id, file, schema, name, use, references, basis, retention, parents, recipe, code],
            async (run, cancellationToken) =>
            {
                var request = new RegisterDatasetRequest
                {
                    Id = run.Get(id),
                    Name = run.Get(name),
                    Use = run.Get(use),
                    Schema = await InputFiles.ReadObjectAsync(run.Get(schema), run.Terminal.In, cancellationToken),
                    ReferenceGroups = References(run.Get(references)),
                    LegalBasis = run.Get(basis),
                    RetentionMonths = run.Get(retention),
                    Origin = await OriginAsync(run, run.Get(parents) ?? [], run.Get(recipe), run.Get(code), cancellationToken),
                };
                run.Output.Result(
                    await run.Client.RegisterDatasetAsync(request, InputFiles.Existing(run.Get(file)), run.IdempotencyKey, cancellationToken), InventoryViews.Dataset);
                return ExitCodes.Ok;
            });
    }

    private static Command Append(CommandFactory factory)
    {
        var id = new Argument<string>("id") { Description = "Registered dataset" };
        var file = new Argument<string>("file") { Description = "CSV with a header: the rows to follow, of the same schema" };
        var added = Values.Required<string>("--new-id", $"Id of the dataset with all rows: {Identifier.Rule}");
        var name = Values.Optional<string?>("--name", "Name for people [default: the old one's]");
        return factory.Leaf("append", "Register a dataset that has the rows of another and further ones; runs over it compute what the new rows need",
            ["gov dataset append loans-2025 november.csv --new-id loans-2025-11 --as dana"], [id, file, added, name],
            async (run, cancellationToken) =>
            {
                var request = new AppendToDatasetRequest { Id = run.Get(added), Name = run.Get(name) };
                run.Output.Result(
                    await run.Client.AppendToDatasetAsync(run.Get(id), request, InputFiles.Existing(run.Get(file)), run.IdempotencyKey, cancellationToken), InventoryViews.Dataset);
                return ExitCodes.Ok;
            });
    }

    private static Command Lineage(CommandFactory factory)
    {
        var id = new Argument<string>("id") { Description = "Dataset id" };
        return factory.Leaf("lineage", "Show what a dataset was made from, back to its sources", ["gov dataset lineage loans-2025-11"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetDatasetLineageAsync(run.Get(id), cancellationToken), InventoryViews.Lineage);
            return ExitCodes.Ok;
        });
    }

    private static Command List(CommandFactory factory)
    {
        var size = Values.PageSize();
        var token = Values.PageToken();
        return factory.Leaf("list", "List datasets", ["gov dataset list"], [size, token], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.ListDatasetsAsync(new PageRequest(run.Get(size), run.Get(token)), cancellationToken), InventoryViews.Datasets);
            return ExitCodes.Ok;
        });
    }

    private static Command Show(CommandFactory factory)
    {
        var id = new Argument<string>("id") { Description = "Dataset id" };
        return factory.Leaf("show", "Show a dataset", ["gov dataset show loans-train"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetDatasetAsync(run.Get(id), cancellationToken), InventoryViews.Dataset);
            return ExitCodes.Ok;
        });
    }

    private static async Task<DatasetOrigin?> OriginAsync(Invocation run, string[] parents, string? recipe, string? code, CancellationToken cancellationToken)
    {
        if (parents.Length == 0)
        {
            return recipe is null && code is null ? null : throw CliException.Usage("--recipe and --recipe-code need --parent.");
        }

        var digests = new List<Digest>();
        foreach (var parent in parents)
        {
            digests.Add((await run.Client.GetDatasetAsync(parent, cancellationToken)).Registration.Digest);
        }

        return new DatasetOrigin(
            digests, recipe ?? throw CliException.Usage("--parent needs --recipe."), code is null ? null : Digest.Of(await File.ReadAllBytesAsync(InputFiles.Existing(code), cancellationToken)));
    }

    private static Dictionary<string, string> References(IEnumerable<string> pairs)
    {
        var groups = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var split = pair.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0 || split == pair.Length - 1 || !groups.TryAdd(pair[..split], pair[(split + 1)..]))
            {
                throw CliException.Usage($"--reference-group {pair}: write attribute=group, each attribute once.");
            }
        }

        return groups;
    }
}
