namespace Governance.Serving.Watching;

/// <summary>The closed windows of one arm: minutes of the last two hours at most, hours of thirty days. Only those with traffic are kept. Not thread-safe.</summary>
public sealed class WatchWindows
{
    /// <summary>How far back minutes go before they are added to their hour.</summary>
    public static readonly TimeSpan MinutesKept = TimeSpan.FromHours(1);

    /// <summary>How far back hours go.</summary>
    public static readonly TimeSpan HoursKept = TimeSpan.FromDays(30);

    public SortedDictionary<DateTimeOffset, WindowCounts> Minutes { get; init; } = [];

    public SortedDictionary<DateTimeOffset, WindowCounts> Hours { get; init; } = [];

    /// <summary>Puts counts into the minute they ended in, moves old minutes into their hours, drops old hours and what is later than the next.</summary>
    /// <param name="minute">Start of the minute.</param>
    public void Add(DateTimeOffset minute, WindowCounts counts)
    {
        if (!counts.IsEmpty)
        {
            Into(Minutes, minute).Add(counts);
        }

        Age(minute);
    }

    /// <summary>Everything counted in windows that start at or after an instant.</summary>
    public WindowCounts Since(DateTimeOffset instant)
    {
        var sum = new WindowCounts();
        foreach (var (_, counts) in Minutes.Concat(Hours).Where(w => w.Key >= instant))
        {
            sum.Add(counts);
        }

        return sum;
    }

    public static DateTimeOffset MinuteOf(DateTimeOffset time) => Floor(time, TimeSpan.FromMinutes(1));

    private void Age(DateTimeOffset now)
    {
        foreach (var (minute, counts) in Minutes.TakeWhile(m => m.Key < now - MinutesKept).ToList())
        {
            Into(Hours, Floor(minute, TimeSpan.FromHours(1))).Add(counts);
            Minutes.Remove(minute);
        }

        foreach (var hour in Hours.Keys.TakeWhile(h => h < now - HoursKept).ToList())
        {
            Hours.Remove(hour);
        }

        // The clock was set back: what it says is yet to come is no part of any window.
        foreach (var windows in new[] { Minutes, Hours })
        {
            foreach (var later in windows.Keys.Where(w => w > now.AddMinutes(1)).ToList())
            {
                windows.Remove(later);
            }
        }
    }

    private static DateTimeOffset Floor(DateTimeOffset time, TimeSpan unit) => new(time.UtcTicks - (time.UtcTicks % unit.Ticks), TimeSpan.Zero);

    private static WindowCounts Into(SortedDictionary<DateTimeOffset, WindowCounts> windows, DateTimeOffset at)
    {
        if (!windows.TryGetValue(at, out var counts))
        {
            windows[at] = counts = new WindowCounts();
        }

        return counts;
    }
}
