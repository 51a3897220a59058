using System.Text.Json;
using Governance.Core;
using Governance.Core.Events;

namespace Governance.Storage;

/// <summary>An event as an entry of the governance log: its JSON. The same bytes in files and in a database, so that both have one tree.</summary>
internal static class EventEntry
{
    /// <summary>Bytes of an entry, at most (C2SP tlog-tiles).</summary>
    public const int Largest = 65_535;

    public static byte[] Encode(RecordedEvent recorded) => GovernanceJson.Serialize(recorded);

    /// <exception cref="EventUnreadableException">It is not an event this program knows.</exception>
    public static RecordedEvent Decode(long index, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return GovernanceJson.Deserialize<RecordedEvent>(bytes) with { Position = index };
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new EventUnreadableException(index, e);
        }
    }
}

/// <summary>An entry of the governance log is not an event this version of the program knows.</summary>
public sealed class EventUnreadableException(long index, Exception inner)
    : Exception($"Entry {index} of the governance log is not an event this version reads. Use the version that wrote it, or a newer one.", inner)
{
    public long Index { get; } = index;
}
