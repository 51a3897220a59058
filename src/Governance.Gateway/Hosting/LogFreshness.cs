namespace Governance.Gateway.Hosting;

/// <summary>
/// How long ago this node knew all that a shared governance log held. Beyond the bound nobody is answered: a stop or a suspension might have been recorded
/// elsewhere that this node cannot see. Thread-safe.
/// </summary>
/// <param name="bound">Infinite for a node whose log is its own.</param>
public sealed class LogFreshness(TimeSpan bound, TimeProvider time)
{
    /// <summary>Machine-readable reason of what is refused.</summary>
    public const string Code = "state-stale";

    public const string Detail = "This gateway has not reached the shared governance log for too long, so it cannot know who may answer. Ask another one, or try again later.";

    private long followed = time.GetTimestamp();

    public bool IsStale => bound != Timeout.InfiniteTimeSpan && time.GetElapsedTime(Volatile.Read(ref followed)) > bound;

    /// <param name="asked">When the log was asked for what is new, all of which is known now.</param>
    public void Followed(long asked) => Volatile.Write(ref followed, asked);
}
