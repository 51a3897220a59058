using System.CommandLine;
using System.Globalization;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Core;
using Governance.Data;
using Governance.Data.Csv;

namespace Governance.Cli.Commands;

/// <summary>Looking at a data file and cutting it in two, without a gateway.</summary>
internal static class DatasetFileCommands
{
    public static Command Profile(CommandFactory factory)
    {
        var (file, schema) = Source();
        return factory.Leaf("profile", "Show what a data file holds, column by column, without a gateway", ["gov dataset profile loans.csv --schema schema.json"], [file, schema], async (run, cancellationToken) =>
        {
            var (table, _) = await ReadAsync(run.Get(file), run.Get(schema), run.Terminal.In, cancellationToken);
            run.Output.Result(TableProfile.Of(table), (console, profile) =>
            {
                Draw.Line(console, string.Create(CultureInfo.InvariantCulture, $"{profile.Rows} rows"));
                Draw.Rows(console, ["column", "role", "values", "missing", "distinct", "least", "largest", "mean", "deviation", "look at"], profile.Columns.Select(c => (IReadOnlyList<string>)
                [
                    c.Name, Draw.Word(c.Role), Draw.Number(c.Count), Draw.Number(c.Missing), Draw.Number(c.Distinct), Draw.Number(c.Minimum), Draw.Number(c.Maximum), Draw.Number(c.Mean), Draw.Number(c.Deviation),
                    c.Concern ?? "",
                ]));
            });
            return ExitCodes.Ok;
        });
    }

    public static Command Split(CommandFactory factory)
    {
        var (file, schema) = Source();
        var first = Values.Required<string>("--first", "File for the first part: training");
        var second = Values.Required<string>("--second", "File for the second part: evaluation");
        var share = Values.Optional<double?>("--share", "Share of the first part, drawn row by row; with --seed");
        var seed = Values.Optional<long?>("--seed", "Seed of the draw");
        var column = Values.Optional<string?>("--time", "Column of times: numbers, or words whose order is that of time, such as 2026-03-31; with --cut");
        var cut = Values.Optional<string?>("--cut", "First time of the second part");
        return factory.Leaf("split", "Cut a data file in two, by chance or by time, without a gateway",
            [
                "gov dataset split loans.csv --schema schema.json --share 0.7 --seed 7 --first train.csv --second test.csv",
                "gov dataset split loans.csv --schema schema.json --time month --cut 2026-01 --first train.csv --second test.csv",
            ],
            [file, schema, first, second, share, seed, column, cut],
            async (run, cancellationToken) =>
            {
                var (table, parent) = await ReadAsync(run.Get(file), run.Get(schema), run.Terminal.In, cancellationToken);
                var (before, after) = Cut(table, parent, run.Get(share), run.Get(seed), run.Get(column), run.Get(cut));
                var parts = new[] { await WriteAsync(run.Get(first), before, cancellationToken), await WriteAsync(run.Get(second), after, cancellationToken) };
                run.Output.Result(parts, (console, written) => Draw.Rows(console, ["file", "rows", "digest", "parent", "recipe"], written.Select(p => (IReadOnlyList<string>)
                    [p.File, Draw.Number(p.Rows), p.Digest.ToString(), string.Join(", ", p.Lineage.Parents), p.Lineage.Recipe])));
                return ExitCodes.Ok;
            });
    }

    /// <param name="Digest">Of the file: what the dataset will be called.</param>
    private sealed record Part(string File, int Rows, Digest Digest, DatasetLineage Lineage);

    private static (Argument<string> File, Option<string> Schema) Source() =>
        (new Argument<string>("file") { Description = "CSV with a header" }, Values.Required<string>("--schema", "JSON file with the role of every column"));

    private static (TablePart First, TablePart Second) Cut(DataTable table, Digest parent, double? share, long? seed, string? column, string? cut)
    {
        try
        {
            return (share, seed, column, cut) switch
            {
                ({ } part, { } number, null, null) => TableSplit.BySeed(table, parent, part, number),
                (null, null, { } time, { } at) => TableSplit.ByTime(table, parent, time, at),
                _ => throw CliException.Usage("Give --share and --seed, or --time and --cut."),
            };
        }
        catch (Exception e) when (e is ArgumentException or KeyNotFoundException)
        {
            throw CliException.Usage(e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : e.Message);
        }
    }

    private static async Task<Part> WriteAsync(string path, TablePart part, CancellationToken cancellationToken)
    {
        var bytes = CsvTableWriter.Write(part.Table);
        await InputFiles.WriteAsync(path, (stream, token) => stream.WriteAsync(bytes, token).AsTask(), cancellationToken);
        return new Part(path, part.Table.RowCount, Digest.Of(bytes), part.Lineage);
    }

    private static async Task<(DataTable Table, Digest Digest)> ReadAsync(string path, string schemaFile, TextReader standardInput, CancellationToken cancellationToken)
    {
        var schema = await InputFiles.ReadJsonAsync<DatasetSchema>(schemaFile, standardInput, cancellationToken);
        var outcome = await InputFiles.ReadTableAsync(path, schema, cancellationToken);
        return (outcome.Table!, outcome.Digest);
    }
}
