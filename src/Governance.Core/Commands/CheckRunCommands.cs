using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>Starts checks on a version. Developers may try their own; validators run the ones they rely on; the gateway renews what grows old.</summary>
public sealed record StartCheckRun(
    string ModelId, int Version, string RunId, IReadOnlyList<string> Checks, long Seed, bool NoCache = false, RunSettings? Settings = null, RunOptions? Options = null,
    RunLimits? Limits = null) : Command
{
    /// <summary>How far ahead a deadline may lie.</summary>
    public static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(30);

    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (!context.Caller.IsSystem() && context.Require("run checks", Role.Developer, Role.Validator) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Model(ModelId) is null)
        {
            return Unknown.Model(ModelId);
        }

        return context.State.Version(ModelId, Version) switch
        {
            null => Unknown.Version(ModelId, Version),
            { Status: VersionStatus.Rejected } =>
                Refusal.Conflict("version-rejected", $"Version {Version} was rejected; submit a corrected one."),
            _ when Settings?.Versions().Where(v => v == Version || context.State.Version(ModelId, v) is null).Select(v => (int?)v).FirstOrDefault() is { } other =>
                Refusal.Invalid("compared-version", other == Version ? $"Version {other} cannot be compared with itself." : $"The model has no version {other} to compare with."),
            _ when Options?.Deadline is { } deadline && (deadline <= context.Now || deadline > context.Now + LongestDeadline) =>
                Refusal.Invalid("invalid-deadline", "deadline: in the future, within 30 days."),
            var version when Options?.Reproduces is { } evidence && version.Evidence.Values.All(e => e.Envelope != evidence) =>
                Refusal.NotFound("evidence-unknown", $"Version {Version} of '{ModelId}' has no such evidence now; what was replaced is not computed again."),
            _ when !context.Caller.IsSystem() && Limits?.Refuse(context, ModelId) is { } exhausted => exhausted,
            _ => Decision.Accept(new CheckRunStarted(ModelId, Version, RunId, Checks, Seed, NoCache ? true : null, Settings, Options?.OrNull())),
        };
    }
}

/// <summary>Stops a run that has not ended.</summary>
public sealed record CancelCheckRun(string ModelId, int Version, string RunId) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (context.Require("stop runs", Role.Developer, Role.Validator) is { } refusal)
        {
            return refusal;
        }

        return context.State.Version(ModelId, Version)?.Runs.FirstOrDefault(r => r.Id == RunId) switch
        {
            null => Refusal.NotFound("run-unknown", "There is no such run."),
            { Finished: not null } => Refusal.Conflict("run-ended", "The run has ended."),
            { CancelledBy: not null } => Decision.Accept(),
            _ => Decision.Accept(new CheckRunCancelled(ModelId, Version, RunId)),
        };
    }
}

/// <summary>Records signed evidence. Only the gateway does, for a run that was started and has not ended.</summary>
public sealed record RecordEvidence(string ModelId, int Version, string RunId, CheckFamily Family, string Check, Digest Envelope, Digest Result)
    : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context) =>
        Runs.Refuse(context, ModelId, Version, RunId)
        ?? (context.State.Version(ModelId, Version)!.Evidence.TryGetValue(Check, out var known) && known.RunId == RunId && known.Result == Result ? Decision.Accept() : null)
        ?? Decision.Accept(new EvidenceRecorded(ModelId, Version, RunId, Check, Family, Envelope, Result));
}

/// <summary>Records that evidence was computed again and compared. Only the gateway does, for a run that was started for it.</summary>
public sealed record RecordReproduction(
    string ModelId, int Version, string RunId, string Check, Digest Evidence, Digest Comparison, bool Same, string Engine, string Platform) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context) =>
        Runs.Refuse(context, ModelId, Version, RunId)
        ?? Decision.Accept(new EvidenceReproduced(ModelId, Version, RunId, Check, Evidence, Comparison, Same, Engine, Platform));
}

/// <summary>Ends a run. Only the gateway does.</summary>
public sealed record FinishCheckRun(
    string ModelId, int Version, string RunId, int Recorded, IReadOnlyList<CheckNotRun> NotApplicable, IReadOnlyList<CheckNotRun> Failed,
    double? ShardSeconds = null, string? Expired = null) : Command
{
    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context) =>
        Runs.Refuse(context, ModelId, Version, RunId)
        ?? Decision.Accept(new CheckRunFinished(ModelId, Version, RunId, Recorded, NotApplicable, Failed, ShardSeconds, Expired));
}

internal static class Runs
{
    public static Decision? Refuse(DecisionContext context, string modelId, int version, string runId)
    {
        if (!context.Caller.IsSystem())
        {
            return Decision.Refuse(Refusal.Forbidden("system-only", "Evidence is recorded by the gateway's own runs only."));
        }

        var run = context.State.Version(modelId, version)?.Runs.FirstOrDefault(r => r.Id == runId);
        return run is { Finished: null } ? null : Decision.Refuse(Refusal.Conflict("run-not-open", $"Run '{runId}' is unknown or has ended."));
    }
}
