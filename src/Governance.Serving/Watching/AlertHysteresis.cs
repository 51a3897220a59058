namespace Governance.Serving.Watching;

/// <summary>
/// Turns readings into alerts that do not flap: one is raised after <see cref="ToRaise"/> breaches in a row and is over after
/// <see cref="ToClear"/> recoveries in a row; a reading between limit and margin keeps what is. Not thread-safe.
/// </summary>
/// <typeparam name="TKey">What tells alerts apart.</typeparam>
public sealed class AlertHysteresis<TKey>
    where TKey : notnull
{
    public const int ToRaise = 2;
    public const int ToClear = 3;

    /// <summary>Breaches in a row above zero, recoveries in a row below.</summary>
    private readonly Dictionary<TKey, int> runs = [];

    /// <summary>What a reading does to its alert.</summary>
    /// <param name="open">Whether the alert is open now.</param>
    public AlertChange Next(TKey key, MonitorReading reading, bool open)
    {
        var run = runs.GetValueOrDefault(key);
        run = reading.Breached ? Math.Max(run, 0) + 1 : reading.Recovered ? Math.Min(run, 0) - 1 : 0;
        var change = !open && run >= ToRaise ? AlertChange.Raise : open && run <= -ToClear ? AlertChange.Clear : AlertChange.None;
        if (change == AlertChange.None && (open || run > 0))
        {
            runs[key] = Math.Clamp(run, -ToClear, ToRaise);
        }
        else
        {
            runs.Remove(key);
        }

        return change;
    }
}

/// <summary>What becomes of an alert.</summary>
public enum AlertChange
{
    None,
    Raise,
    Clear,
}
