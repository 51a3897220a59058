using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Inventory;

namespace Governance.Cli.Commands;

/// <summary><c>gov dataset</c>: data that models are trained and checked on.</summary>
internal static class DatasetCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("dataset", "Training and evaluation data",
        Add(factory), List(factory), Show(factory), DatasetFileCommands.Profile(factory), DatasetFileCommands.Split(factory));

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
        return factory.Leaf("add", "Register a dataset",
            ["gov dataset add loans-train train.csv --schema schema.json --name \"Loans 2025\" --use training --reference-group sex=male --legal-basis contract --retention-months 60 --as dana"],
            [id, file, schema, name, use, references, basis, retention],
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
                };
                run.Output.Result(
                    await run.Client.RegisterDatasetAsync(request, InputFiles.Existing(run.Get(file)), run.IdempotencyKey, cancellationToken), InventoryViews.Dataset);
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
