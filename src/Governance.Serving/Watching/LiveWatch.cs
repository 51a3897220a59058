using System.Collections.Concurrent;
using Governance.Core.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Serving.Watching;

/// <summary>Counts the traffic of every route, by version and arm. At most <see cref="MostArms"/> are watched. Thread-safe.</summary>
public sealed class LiveWatch : IInferenceObserver
{
    /// <summary>Arms watched at most; traffic of others is answered and not counted.</summary>
    public const int MostArms = 256;

    private readonly ConcurrentDictionary<ArmKey, ArmWatch> arms = new();

    /// <summary>Arms that were asked since the start, or restored.</summary>
    public IReadOnlyCollection<ArmKey> Arms => [.. arms.Keys.OrderBy(k => k.Route, StringComparer.Ordinal).ThenBy(k => k.Arm).ThenBy(k => k.Version)];

    /// <inheritdoc/>
    public void Answered(RouteOutcome.Serves route, InferenceCall call, ReadOnlySpan<double> scores, ReadOnlySpan<string> decisions, TimeSpan elapsed) =>
        Watch(new ArmKey(route.Route.Name, route.Version.Number, route.Arm))?.Answered(call.Features.Span, scores, decisions, call.Groups, elapsed);

    /// <inheritdoc/>
    /// <remarks>An arm that never answered is watched from its first failure on.</remarks>
    public void NotAnswered(RouteOutcome.Serves route, string code, TimeSpan elapsed) =>
        Watch(new ArmKey(route.Route.Name, route.Version.Number, route.Arm))?.NotAnswered(code == InferenceOutcome.Refused.Code);

    /// <inheritdoc/>
    /// <remarks>Counted only for arms that are watched already, so that names which callers make up take no room.</remarks>
    public void NotAnswered(string route, int? version, string code, TimeSpan elapsed)
    {
        if (version is not { } number)
        {
            return;
        }

        foreach (var arm in Enum.GetValues<RouteArm>())
        {
            if (arms.TryGetValue(new ArmKey(route, number, arm), out var watch))
            {
                watch.NotAnswered(code == InferenceOutcome.Refused.Code);
                return;
            }
        }
    }

    /// <summary>Makes an arm known before its first answer, or gives back what was saved of it.</summary>
    public void Restore(ArmKey key, WatchWindows? windows = null)
    {
        if (arms.Count < MostArms)
        {
            arms.TryAdd(key, new ArmWatch(windows));
        }
    }

    public bool HasProfile(ArmKey key) => Profile(key) is not null;

    /// <summary>What an arm's traffic is compared with; null until it is made.</summary>
    public WatchProfile? Profile(ArmKey key) => arms.TryGetValue(key, out var arm) ? arm.Profile : null;

    /// <summary>Bins are counted from now on.</summary>
    public void Use(ArmKey key, WatchProfile profile)
    {
        if (arms.TryGetValue(key, out var arm))
        {
            arm.Profile = profile;
        }
    }

    /// <summary>Closes what was counted since the last time, for all arms.</summary>
    public void Close(DateTimeOffset now)
    {
        var minute = WatchWindows.MinuteOf(now);
        foreach (var arm in arms.Values)
        {
            arm.Close(minute);
        }
    }

    /// <summary>Figures of the closed windows since an instant; null for an arm that is not watched.</summary>
    public ArmFigures? Figures(ArmKey key, DateTimeOffset since) =>
        arms.TryGetValue(key, out var arm) ? ArmFigures.Of(key, arm.Profile, arm.Read(w => w.Since(since))) : null;

    /// <summary>Figures by group of the closed windows since an instant; empty for an arm that is not watched.</summary>
    public IReadOnlyList<GroupFigure> Groups(ArmKey key, DateTimeOffset since, IReadOnlyList<GroupAttribute> attributes) =>
        arms.TryGetValue(key, out var arm) ? GroupFigures.Of(attributes, arm.Read(w => w.Since(since)).Groups ?? new GroupCounts()) : [];

    /// <summary>Looks at the closed windows of an arm; they must not be kept.</summary>
    public T? Read<T>(ArmKey key, Func<WatchWindows, T> look) => arms.TryGetValue(key, out var arm) ? arm.Read(look) : default;

    /// <summary>Whether anything was counted since the last time this was asked.</summary>
    public bool TakeChanged(ArmKey key) => arms.TryGetValue(key, out var arm) && arm.TakeChanged();

    /// <summary>Counts nothing of an arm any more until it is asked again.</summary>
    public void Forget(ArmKey key) => arms.TryRemove(key, out _);

    private ArmWatch? Watch(ArmKey key) =>
        arms.TryGetValue(key, out var known) ? known : arms.Count < MostArms ? arms.GetOrAdd(key, _ => new ArmWatch()) : null;
}
