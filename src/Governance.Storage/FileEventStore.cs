using System.Runtime.CompilerServices;
using System.Text.Json;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Ledger;

namespace Governance.Storage;

/// <summary>
/// The governance log of the embedded default: events as entries of one <see cref="LedgerLog"/>, JSON, one entry each. The log has one
/// writer, so expected versions are compared here under a lock. Thread-safe.
/// </summary>
public sealed class FileEventStore(LedgerLog log) : IEventStore, IDisposable
{
    /// <summary>Bytes of an entry, at most (C2SP tlog-tiles).</summary>
    private const long LargestEvent = 65_535;

    private readonly Dictionary<string, long> versions = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim gate = new(1, 1);
    private long known;

    public LedgerLog Log => log;

    /// <exception cref="EventUnreadableException">An entry is not an event this program knows; the log itself may be sound.</exception>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var entry in log.Reader.ReadFrom(from))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Decode(entry.Index, entry.Bytes.Span);
        }
    }

    public async ValueTask<AppendOutcome> AppendAsync(
        string stream, long expectedVersion, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            LearnVersions();
            var actual = versions.GetValueOrDefault(stream);
            if (actual != expectedVersion)
            {
                return new AppendOutcome.Conflict(actual);
            }

            var result = await log.AppendAsync([.. events.Select(e => (ReadOnlyMemory<byte>)GovernanceJson.Serialize(e))], cancellationToken);
            if (!result.IsCommitted)
            {
                return result.Status == AppendStatus.TooLarge ? new AppendOutcome.TooLarge(LargestEvent) : new AppendOutcome.Unavailable(Explain(result));
            }

            known = result.FirstIndex + result.Count;
            versions[stream] = expectedVersion + events.Count;
            return new AppendOutcome.Appended(result.FirstIndex);
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private static string Explain(AppendResult result) => result.Status switch
    {
        AppendStatus.Busy => "Too many appends are waiting.",
        AppendStatus.Closed => "The gateway is stopping.",
        _ => result.Reason ?? "The storage failed.",
    };

    private static RecordedEvent Decode(long index, ReadOnlySpan<byte> bytes)
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

    /// <summary>Reads the stream versions of entries not seen yet: all of them once, at the first append.</summary>
    private void LearnVersions()
    {
        foreach (var entry in log.Reader.ReadFrom(known))
        {
            var recorded = Decode(entry.Index, entry.Bytes.Span);
            versions[recorded.Stream] = recorded.Version;
            known = entry.Index + 1;
        }
    }
}

/// <summary>An entry of the governance log is not an event this version of the program knows.</summary>
public sealed class EventUnreadableException(long index, Exception inner)
    : Exception($"Entry {index} of the governance log is not an event this version reads. Use the version that wrote it, or a newer one.", inner)
{
    public long Index { get; } = index;
}
