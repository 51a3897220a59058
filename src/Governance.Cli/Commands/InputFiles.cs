using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Cli.Shell;
using Governance.Data;
using Governance.Data.Csv;

namespace Governance.Cli.Commands;

/// <summary>Reads what people name on the command line; every fault names the file.</summary>
internal static class InputFiles
{
    /// <summary>Largest JSON document read from a file.</summary>
    private const int LargestDocument = 64 * 1024 * 1024;

    public static string Existing(string path) => File.Exists(path) ? path : throw CliException.NotFound($"There is no file {path}.");

    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    public static async Task<byte[]> ReadAsync(string path, TextReader standardInput, CancellationToken cancellationToken)
    {
        if (path == "-")
        {
            return System.Text.Encoding.UTF8.GetBytes(await standardInput.ReadToEndAsync(cancellationToken));
        }

        return new FileInfo(Existing(path)).Length <= LargestDocument
            ? await File.ReadAllBytesAsync(path, cancellationToken)
            : throw CliException.Invalid($"{path} is larger than {LargestDocument / (1024 * 1024)} MiB.");
    }

    public static async Task<T> ReadJsonAsync<T>(string path, TextReader standardInput, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(path, standardInput, cancellationToken);
        try
        {
            return Core.GovernanceJson.Deserialize<T>(bytes);
        }
        catch (JsonException e)
        {
            throw CliException.Invalid($"{path} is not the JSON expected here: line {e.LineNumber + 1}, at {e.Path ?? "$"}.");
        }
    }

    public static Task<JsonObject> ReadObjectAsync(string path, TextReader standardInput, CancellationToken cancellationToken) =>
        ReadJsonAsync<JsonObject>(path, standardInput, cancellationToken);

    /// <summary>A table by its declared schema; the outcome has one.</summary>
    public static async Task<CsvOutcome> ReadTableAsync(string path, DatasetSchema schema, CancellationToken cancellationToken)
    {
        var outcome = await CsvTableReader.ReadFileAsync(Existing(path), schema, CsvLimits.Default, cancellationToken);
        return outcome.Succeeded ? outcome : throw CliException.Invalid($"{path}: {outcome.Faults[0].Message}", outcome.Faults.Count > 1 ? $"{outcome.Faults.Count - 1} more faults." : null);
    }

    /// <summary>Writes through a temporary file beside it, so that what stands there is whole.</summary>
    public static async Task WriteAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var temporary = full + ".partial";
        await using (var stream = File.Create(temporary))
        {
            await write(stream, cancellationToken);
        }

        File.Move(temporary, full, overwrite: true);
    }
}
