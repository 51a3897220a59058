namespace Governance.Serving.Recording;

/// <summary>
/// How much may be lost at a crash in audit mode <c>async-bounded</c>: so many entries, and none answered later than so long after the oldest of them.
/// Immutable.
/// </summary>
public sealed record AsyncBoundOptions
{
    /// <summary>Most entries that were answered and are not durable. Default 1,000.</summary>
    public int MostEntries { get; init; } = 1_000;

    /// <summary>How long the oldest of them may wait before answers wait too. Default 100 ms.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMilliseconds(100);
}

/// <summary>Counts what was answered and is not durable yet, and says when no more may be. Thread-safe.</summary>
internal sealed class AsyncBound(AsyncBoundOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly LinkedList<(long Since, int Entries)> waiting = new();
    private int entries;

    /// <summary>Makes room for an answer; null when the bound is reached and the answer has to wait for the disk.</summary>
    public Action? TryTake(int rows)
    {
        lock (gate)
        {
            if (entries + rows > options.MostEntries || (waiting.First is { } oldest && time.GetElapsedTime(oldest.Value.Since) > options.Longest))
            {
                return null;
            }

            entries += rows;
            var taken = waiting.AddLast((time.GetTimestamp(), rows));
            return () => Done(taken);
        }
    }

    private void Done(LinkedListNode<(long Since, int Entries)> taken)
    {
        lock (gate)
        {
            entries -= taken.Value.Entries;
            waiting.Remove(taken);
        }
    }
}
