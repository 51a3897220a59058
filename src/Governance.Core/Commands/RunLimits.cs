using System.Globalization;
using Governance.Core.Decisions;

namespace Governance.Core.Commands;

/// <summary>What the team of a model may have of runs; null is no limit. A team is the owner of the model. Immutable.</summary>
/// <param name="Open">Runs that wait or run; 1 or more.</param>
/// <param name="ShardSecondsPerDay">Seconds that shards of runs that ended today (UTC) worked.</param>
public sealed record RunLimits(int? Open, double? ShardSecondsPerDay)
{
    /// <summary>Null when the team may start one more. What it has used is in the log, so that a restart forgets nothing.</summary>
    internal Refusal? Refuse(DecisionContext context, string modelId)
    {
        if (this == new RunLimits(null, null))
        {
            return null;
        }

        var (team, today) = (context.State.Models[modelId].Registration.Owner, new DateTimeOffset(context.Now.UtcDateTime.Date, TimeSpan.Zero));
        var runs = context.State.Models.Values.Where(m => m.Registration.Owner == team).SelectMany(m => m.Versions.Values).SelectMany(v => v.Runs).ToList();
        var (open, used) = (runs.Count(r => r.Finished is null), runs.Where(r => r.FinishedAt >= today).Sum(r => r.Finished?.ShardSeconds ?? 0));
        return open >= Open
            ? new Refusal(RefusalKind.Exhausted, "quota-open-runs", string.Create(CultureInfo.InvariantCulture,
                $"The team of '{team}' has {open} runs that wait or run, and may have {Open}. Wait for one to end, or cancel one."))
            : used >= ShardSecondsPerDay
            ? new Refusal(RefusalKind.Exhausted, "quota-shard-seconds", string.Create(CultureInfo.InvariantCulture,
                $"The team of '{team}' has used {used:0} of its {ShardSecondsPerDay:0} shard seconds of today. There are new ones at {today.AddDays(1):yyyy-MM-dd'T'HH:mm'Z'}."))
            : null;
    }
}
