using Governance.Cli.Demo;
using Governance.Cli.Shell;
using Governance.Ledger;

namespace Governance.Cli.Commands;

/// <summary>Reads what an offline verification is made against, and the entries' own payload facts.</summary>
internal static class LedgerFiles
{
    public static string Folder(string path) =>
        File.Exists(Path.Combine(path, "origin")) || Directory.Exists(Path.Combine(path, "segments"))
            ? path
            : throw CliException.NotFound($"{path} is not a ledger folder: it has no origin and no segments.", "A gateway keeps its logs in DATA/ledger/governance and DATA/ledger/inference.");

    public static IReadOnlyList<NoteVerifier> Keys(string? path)
    {
        if (path is null)
        {
            return [];
        }

        try
        {
            return LogKeys.Parse(File.ReadAllText(InputFiles.Existing(path)));
        }
        catch (FormatException e)
        {
            throw CliException.Invalid($"{path}: {e.Message}", "Fetch them with: gov ledger keys --log NAME");
        }
    }

    /// <summary>A receipt and the entry of the folder that it is about.</summary>
    public static (ReadOnlyMemory<byte> Receipt, ReadOnlyMemory<byte> Entry) Receipt(string path, string folder)
    {
        var bytes = File.ReadAllBytes(InputFiles.Existing(path));
        if (!InclusionReceipt.TryParse(bytes, out var receipt, out var error))
        {
            throw CliException.Invalid($"{path}: {error}");
        }

        try
        {
            using var reader = LedgerReader.Open(folder);
            return (bytes, receipt.Index < reader.Size ? reader.Read(receipt.Index) : Array.Empty<byte>());
        }
        catch (LedgerException)
        {
            // The folder itself is damaged: the verification says how; the receipt cannot hold in it.
            return (bytes, Array.Empty<byte>());
        }
    }
}
