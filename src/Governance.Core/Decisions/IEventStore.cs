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
    /// Appends all events or none. MUST NOT answer <see cref="AppendOutcome.Appended"/> before every one of them is durable. MUST NOT
    /// append when <paramref name="condition"/> does not hold, nor when the log holds an append with the same
    /// <see cref="RecordedEvent.Request"/>: the answer is <see cref="AppendOutcome.Conflict"/>, whoever appended it.
    /// </summary>
    /// <param name="condition">What the decision was made on.</param>
    ValueTask<AppendOutcome> AppendAsync(
        string stream, AppendCondition condition, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken);
}

/// <summary>What must still be true for an append to happen: a stream version alone, or the whole log. Immutable.</summary>
/// <param name="StreamVersion">Version of the stream the decision was made on; 0 for a new stream.</param>
/// <param name="LogSize">
/// Events in the log when the decision was made; null when only the stream matters. A decision that looked at more than its stream (a gate
/// looks at the policy in force) gives it, so that no other node can change what it looked at in between.
/// </param>
public readonly record struct AppendCondition(long StreamVersion, long? LogSize = null)
{
    public static implicit operator AppendCondition(long streamVersion) => new(streamVersion);
}

/// <summary>How an append ended. A closed family.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    /// <param name="First">Position of the first event; the others follow without gaps.</param>
    public sealed record Appended(long First) : AppendOutcome;

    /// <summary>Somebody else appended to the stream, to the log, or under the same request key: catch up and decide again.</summary>
    public sealed record Conflict(long ActualVersion) : AppendOutcome;

    /// <summary>Nothing was recorded and never will be: an event is larger than the store takes.</summary>
    /// <param name="Bytes">The most that one event may have.</param>
    public sealed record TooLarge(long Bytes) : AppendOutcome;

    /// <summary>Nothing can be recorded at present (disk full, read-only, lost lock, lost database): fail closed.</summary>
    /// <param name="Reason">For operators; holds no personal data.</param>
    /// <param name="Uncertain">
    /// Whether this append may have been recorded all the same: the connection broke while it was being committed. Catching up tells.
    /// </param>
    public sealed record Unavailable(string Reason, bool Uncertain = false) : AppendOutcome;
}
