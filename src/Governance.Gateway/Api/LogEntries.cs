using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Ledger;

namespace Governance.Gateway.Api;

/// <summary>Entries of either log as the API and the portal show them: when, what kind, by whom, and the stored JSON.</summary>
public static class LogEntries
{
    public static LogEntry Read(LedgerReader reader, long index)
    {
        var bytes = reader.Read(index);
        var leaf = MerkleTree.LeafHash(bytes).ToString();
        try
        {
            var entry = JsonNode.Parse(bytes)!.AsObject();
            return new LogEntry(
                index,
                entry["time"]?.GetValue<DateTimeOffset>() ?? default,
                (entry["event"]?["type"] ?? entry["type"])?.GetValue<string>() ?? "unknown",
                (entry["actor"] ?? entry["client"])?.GetValue<string>() ?? "",
                leaf,
                entry);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return new LogEntry(index, default, "unreadable", "", leaf, []);
        }
    }
}
