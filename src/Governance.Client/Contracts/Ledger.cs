using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Client.Contracts;

/// <param name="Checkpoint">C2SP signed note.</param>
public sealed record LogDetails(string Name, string Origin, long Size, string Root, DateTimeOffset? SignedAt, string Checkpoint);

/// <param name="Type">Event type, e.g. <c>version.promoted.v1</c>, or <c>inference.v1</c>.</param>
/// <param name="Entry">The stored entry.</param>
public sealed record LogEntry(long Index, DateTimeOffset Time, string Type, string Actor, string LeafHash, JsonObject Entry)
{
    /// <summary>Reads a stored entry of either log: when, what kind, by whom. An entry that is not of their form has the type <c>unreadable</c>.</summary>
    public static LogEntry Read(long index, ReadOnlySpan<byte> bytes, string leafHash)
    {
        try
        {
            var entry = (JsonNode.Parse(bytes) ?? throw new FormatException("null")).AsObject();
            return new LogEntry(
                index,
                entry["time"]?.GetValue<DateTimeOffset>() ?? default,
                (entry["event"]?["type"] ?? entry["type"])?.GetValue<string>() ?? "unknown",
                (entry["actor"] ?? entry["client"])?.GetValue<string>() ?? "",
                leafHash,
                entry);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return new LogEntry(index, default, "unreadable", "", leafHash, []);
        }
    }
}

/// <param name="Findings">Empty when everything verifies.</param>
public sealed record VerificationDetails(string Log, bool Verified, long Size, string Root, IReadOnlyList<string> Findings, double Milliseconds);
