using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Gates;
using Governance.Core.Oversight;
using Governance.Core.Serving;
using Governance.Serving.Routing;
using Governance.Serving.Watching;

namespace Governance.Gateway.Watching;

/// <summary>Live figures as the API and the portal show them. Reads only; thread-safe.</summary>
public sealed class LiveViews
{
    /// <summary>The longest window: 30 days.</summary>
    public const int MostMinutes = 30 * 24 * 60;

    private readonly LiveWatch watch;
    private readonly OutcomeBook outcomes;
    private readonly Governor governor;
    private readonly TimeProvider time;

    internal LiveViews(LiveWatch watch, OutcomeBook outcomes, Governor governor, TimeProvider time) =>
        (this.watch, this.outcomes, this.governor, this.time) = (watch, outcomes, governor, time);

    /// <summary>Null when there is no such model.</summary>
    /// <param name="minutes">Length of the window, 1 to <see cref="MostMinutes"/>.</param>
    public LiveRoute? Of(string name, int minutes)
    {
        var (state, now) = (governor.State, time.GetUtcNow());
        if (state.Model(name) is null)
        {
            return null;
        }

        // What was counted since the last minute is shown too.
        watch.Close(now);
        var arms = watch.Arms.Where(k => k.Route == name).Select(k => watch.Figures(k, now.AddMinutes(-minutes))).OfType<ArmFigures>();
        return new LiveRoute(
            name, minutes, now, [.. arms.Select(f => Arm(f, state.SettingsOf(name).Groups ?? [], now.AddMinutes(-minutes)))],
            [.. Alerts.At(state, now).Where(a => a.Kind == AlertKind.LiveMonitor && a.ModelId == name)]);
    }

    /// <summary>What the gate <c>monitor</c> is told of a version, beside what the log says.</summary>
    internal LiveFigures Extend(LiveFigures counted, string route, int version, DateTimeOffset since)
    {
        var arm = Enum.GetValues<RouteArm>().Select(a => watch.Figures(new ArmKey(route, version, a), since)).OfType<ArmFigures>().MaxBy(f => f.Rows);
        var known = outcomes.Figures(route, version);
        var enough = arm is { Drift.Count: > 0 };
        return counted with
        {
            Failed = arm?.Failed ?? 0,
            Watched = enough ? arm!.Rows : 0,
            AdverseRate = enough ? arm!.AdverseRate ?? 0 : 0,
            PsiScore = enough ? arm!.Drift[0].Index : 0,
            PsiMax = enough ? arm!.Drift.Skip(1).Max(d => d.Index) : 0,
            OutOfRange = enough ? arm!.Drift.Skip(1).Max(d => d.Outside) : 0,
            P99Ms = enough ? arm!.P99?.TotalMilliseconds ?? 0 : 0,
            Outcomes = known.Labelled,
            Auc = known.Auc ?? 0,
            CalibrationError = known.CalibrationError ?? 0,
        };
    }

    private LiveArm Arm(ArmFigures f, IReadOnlyList<GroupAttribute> attributes, DateTimeOffset since)
    {
        var known = outcomes.Figures(f.Arm.Route, f.Arm.Version);
        return new LiveArm(
            f.Arm.Arm == RouteArm.Champion ? "champion" : "canary", f.Arm.Version, f.Requests, f.Rows, f.Refused, f.Failed, f.AdverseRate, f.ScoreMean,
            f.Median?.TotalMilliseconds, f.P90?.TotalMilliseconds, f.P99?.TotalMilliseconds,
            [.. f.Drift.Select(d => new LiveDrift(d.Variable, d.Index, d.Critical, d.Outside))],
            known.Labelled < ArmFigures.FewestRows ? null : new LiveOutcomes(known.Labelled, known.Positives, known.Auc, known.Brier, known.CalibrationError))
        {
            Groups = [.. watch.Groups(f.Arm, since, attributes).Zip(outcomes.Groups(f.Arm.Route, f.Arm.Version, attributes), (live, past) => new LiveGroup(
                live.Attribute, live.Level, live.Rows, live.ApprovalRate, live.ImpactRatio, live.Interval?.Lower, live.Interval?.Upper,
                past.Labelled, past.TruePositiveRate, past.FalsePositiveRate, past.TruePositiveGap, past.FalsePositiveGap))],
        };
    }
}
