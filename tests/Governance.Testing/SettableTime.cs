namespace Governance.Testing;

/// <summary>The clock of this machine, which goes on and can be set to another time; what is timed is not moved by it. Thread-safe.</summary>
public sealed class SettableTime : TimeProvider
{
    private long ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref ahead));

    /// <param name="by">Back when it is negative.</param>
    public void Set(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);
}
