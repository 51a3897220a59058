namespace Governance.Ledger;

/// <summary>
/// When a failed log is next recovered: after a pause that doubles with each attempt. It is short again only once an entry was written, so a disk
/// on which recovering succeeds and writing does not is not tried every second. Thread-safe.
/// </summary>
internal sealed class RecoveryPace(TimeSpan shortest, TimeProvider time)
{
    private const int MostDoublings = 16;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private int _doublings;
    private long _since;

    /// <summary>Whether the pause after the last failure or attempt is over.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return shortest != Timeout.InfiniteTimeSpan && time.GetElapsedTime(_since) >= Pause;
            }
        }
    }

    public void Failed()
    {
        lock (_gate)
        {
            _since = time.GetTimestamp();
        }
    }

    public void Attempted()
    {
        lock (_gate)
        {
            _since = time.GetTimestamp();
            _doublings = Math.Min(_doublings + 1, MostDoublings);
        }
    }

    public void Written()
    {
        lock (_gate)
        {
            _doublings = 0;
        }
    }

    private TimeSpan Pause => TimeSpan.FromTicks(Math.Max(shortest.Ticks, Math.Min(shortest.Ticks << _doublings, Longest.Ticks)));
}
