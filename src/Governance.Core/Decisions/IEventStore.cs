using Governance.Core.Events;

namespace Governance.Core.Decisions;

/// <summary>
/// The governance log, as decisions see it: one gapless sequence of events in streams. The embedded implementation is a folder of files;
/// others keep the same contract over a shared database.
/// </summary>
public interface IEventStore
{
    /// <summary>Events from a position on, in order, up to what is durable when the read starts.</summary>
    IAsyncEnumerable<RecordedEvent> ReadAsync(long from, CancellationToken cancellationToken);

    /// <summary>
    /// Appends all events or none. MUST NOT answer <see cref="AppendOutcome.Appended"/> before every one of them is durable, and MUST NOT
    /// append when the stream is not at <paramref name="expectedVersion"/>.
    /// </summary>
    /// <param name="expectedVersion">Version of the stream the decision was made on; 0 for a new stream.</param>
    ValueTask<AppendOutcome> AppendAsync(
        string stream, long expectedVersion, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken);
}

/// <summary>How an append ended. A closed family.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    /// <param name="First">Position of the first event; the others follow without gaps.</param>
    public sealed record Appended(long First) : AppendOutcome;

    /// <summary>Somebody else appended to the stream: decide again on the state of now.</summary>
    public sealed record Conflict(long ActualVersion) : AppendOutcome;

    /// <summary>Nothing was recorded and never will be: an event is larger than the store takes.</summary>
    /// <param name="Bytes">The most that one event may have.</param>
    public sealed record TooLarge(long Bytes) : AppendOutcome;

    /// <summary>Nothing was recorded and nothing can be at present (disk full, read-only, lost lock): fail closed.</summary>
    /// <param name="Reason">For operators; holds no personal data.</param>
    public sealed record Unavailable(string Reason) : AppendOutcome;
}
