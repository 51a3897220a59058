using Governance.Serving.Protocol;

namespace Governance.Serving.Watching;

/// <summary>Counts of one arm. Requests write into one of a few stripes, each with a lock that is hardly ever contended. Thread-safe.</summary>
internal sealed class ArmWatch
{
    private static readonly int StripeCount = Math.Clamp(Environment.ProcessorCount, 1, 16);
    private readonly Stripe[] stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new Stripe())];
    private readonly Lock closing = new();
    private readonly WatchWindows windows;
    private volatile WatchProfile? profile;
    private bool changed;

    public ArmWatch(WatchWindows? windows = null) => this.windows = windows ?? new WatchWindows();

    /// <summary>Set once it is made; bins are counted from then on.</summary>
    public WatchProfile? Profile
    {
        get => profile;
        set => profile = value;
    }

    public void Answered(ReadOnlySpan<float> features, ReadOnlySpan<double> scores, ReadOnlySpan<string> decisions, CallGroups? groups, TimeSpan elapsed)
    {
        var stripe = Mine();
        lock (stripe.Gate)
        {
            stripe.Counts.Count(profile, features, scores, decisions, groups, elapsed);
        }
    }

    public void NotAnswered(bool refused)
    {
        var stripe = Mine();
        lock (stripe.Gate)
        {
            _ = refused ? stripe.Counts.Refused++ : stripe.Counts.Failed++;
        }
    }

    /// <summary>Moves what was counted since the last time into a minute.</summary>
    public void Close(DateTimeOffset minute)
    {
        var sum = new WindowCounts();
        foreach (var stripe in stripes)
        {
            lock (stripe.Gate)
            {
                if (!stripe.Counts.IsEmpty)
                {
                    sum.Add(stripe.Counts);
                    stripe.Counts = new WindowCounts();
                }
            }
        }

        lock (closing)
        {
            windows.Add(minute, sum);
            changed |= !sum.IsEmpty;
        }
    }

    public bool TakeChanged()
    {
        lock (closing)
        {
            var taken = changed;
            changed = false;
            return taken;
        }
    }

    /// <summary>Looks at the closed windows; they must not be kept.</summary>
    public T Read<T>(Func<WatchWindows, T> look)
    {
        lock (closing)
        {
            return look(windows);
        }
    }

    private Stripe Mine() => stripes[Environment.CurrentManagedThreadId % StripeCount];

    private sealed class Stripe
    {
        public Lock Gate { get; } = new();

        public WindowCounts Counts { get; set; } = new();
    }
}
