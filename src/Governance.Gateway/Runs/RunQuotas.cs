namespace Governance.Gateway.Runs;

/// <summary>
/// What a team may have at once and in a day: section <c>Gateway:Jobs:Quotas</c>. A team is the owner of the model; null is no limit. Under
/// <c>Teams</c> a team has limits of its own, which replace all of these.
/// </summary>
public sealed class RunQuotas
{
    /// <summary>Runs that wait or run; one more is refused. 1 or more.</summary>
    public int? Open { get; set; }

    /// <summary>Runs at work; one more waits. 1 or more.</summary>
    public int? Running { get; set; }

    /// <summary>Seconds that shards of runs that ended today (UTC) worked; from then on runs are refused until midnight. More than 0.</summary>
    public double? ShardSecondsPerDay { get; set; }

    public Dictionary<string, RunQuotas> Teams { get; set; } = [];

    public RunQuotas Of(string team) => Teams.GetValueOrDefault(team, this);

    /// <summary>Everything wrong with the settings, each naming its key.</summary>
    public IEnumerable<string> Faults(string section)
    {
        if (Open < 1 || Running < 1 || ShardSecondsPerDay is <= 0)
        {
            yield return $"{section}: Open and Running must be 1 or more, ShardSecondsPerDay more than 0.";
        }

        foreach (var fault in Teams.SelectMany(t => t.Value.Faults($"{section}:Teams:{t.Key}")))
        {
            yield return fault;
        }
    }
}
