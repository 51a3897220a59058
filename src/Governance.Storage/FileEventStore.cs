using System.Runtime.CompilerServices;
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
    private readonly Dictionary<string, long> versions = new(StringComparer.Ordinal);
    private readonly HashSet<string> requests = new(StringComparer.Ordinal);
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
            yield return EventEntry.Decode(entry.Index, entry.Bytes.Span);
        }
    }

    public async ValueTask<AppendOutcome> AppendAsync(
        string stream, AppendCondition condition, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            Learn();
            var actual = versions.GetValueOrDefault(stream);
            var repeated = events[0].Request is { } request && requests.Contains(request);
            if (actual != condition.StreamVersion || (condition.LogSize is { } size && size != known) || repeated)
            {
                return new AppendOutcome.Conflict(actual);
            }

            var result = await log.AppendAsync([.. events.Select(e => (ReadOnlyMemory<byte>)EventEntry.Encode(e))], cancellationToken);
            if (!result.IsCommitted)
            {
                return result.Status == AppendStatus.TooLarge ? new AppendOutcome.TooLarge(EventEntry.Largest) : new AppendOutcome.Unavailable(Explain(result));
            }

            Learn();
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

    /// <summary>Reads streams and requests of entries not seen yet: all of them once, at the first append.</summary>
    private void Learn()
    {
        foreach (var entry in log.Reader.ReadFrom(known))
        {
            var recorded = EventEntry.Decode(entry.Index, entry.Bytes.Span);
            versions[recorded.Stream] = recorded.Version;
            if (recorded.Request is { } request)
            {
                requests.Add(request);
            }

            known = entry.Index + 1;
        }
    }
}
