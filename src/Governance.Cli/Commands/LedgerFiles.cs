using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Cli.Demo;
using Governance.Cli.Shell;
using Governance.Cli.Verification;
using Governance.Ledger;

namespace Governance.Cli.Commands;

/// <summary>Reads what a verification is made against, and the entries' own payload facts.</summary>
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
            var keys = LogKeys.Parse(System.Text.Encoding.UTF8.GetString(Small(path)));
            return keys.Count > 0 ? keys : throw new FormatException("There is no key in it.");
        }
        catch (FormatException e)
        {
            throw CliException.Invalid($"{path}: {e.Message}", "Fetch them with: gov ledger keys --log NAME");
        }
    }

    public static WitnessPolicy? Policy(string? path)
    {
        try
        {
            return path is null ? null : WitnessPolicy.Parse(System.Text.Encoding.UTF8.GetString(Small(path)));
        }
        catch (FormatException e)
        {
            throw CliException.Invalid($"{path}: {e.Message}", "The format is C2SP tlog-policy; see docs/ledger.md.");
        }
    }

    /// <summary>A checkpoint, receipt, list of keys or policy: a megabyte at most.</summary>
    public static byte[] Small(string path) =>
        new FileInfo(InputFiles.Existing(path)).Length <= 1 << 20 ? File.ReadAllBytes(path) : throw CliException.Invalid($"{path} is larger than 1 MiB.");

    /// <summary>Adds the completeness of a payload store: every reference in an entry is live and unchanged, or erased.</summary>
    public static VerificationRequest WithPayloads(VerificationRequest request, LogPlace place, string? payloads) => payloads is null
        ? request
        : place.IsFolder && Directory.Exists(payloads)
            ? request with { PayloadFolder = payloads, PayloadsOf = PayloadsOf }
            : throw CliException.NotFound("Payloads are checked beside a log's folder, and both must be folders.");

    private static IEnumerable<SealedRecord> PayloadsOf(LedgerEntry entry)
    {
        try
        {
            return JsonNode.Parse(entry.Bytes.Span) is JsonObject fields
                && KeyRef.TryParse(fields["keyRef"]?.GetValue<string>() ?? "", out var keyRef)
                && fields["ctHash"]?.GetValue<string>() is { Length: 2 * MerkleHash.Size } hash
                    ? [new SealedRecord(keyRef, new MerkleHash(Convert.FromHexString(hash)), default)]
                    : [];
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // Not an entry that names a payload.
            return [];
        }
    }
}
