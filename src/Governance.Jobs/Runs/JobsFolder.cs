using System.Text.Json;
using Governance.Checks;
using Governance.Core;
using Governance.Jobs.Plans;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Runs;

/// <summary>
/// What jobs keep, on storage that every node sees: <c>results/</c> by key, <c>plans/ID/</c> per plan, and <c>costs.json</c>. All of it can be
/// deleted: it is computed again. Thread-safe.
/// </summary>
public sealed class JobsFolder
{
    private readonly string costs;

    public JobsFolder(string path)
    {
        Root = Path.GetFullPath(path);
        Results = new ResultStore(Path.Combine(Root, "results"));
        costs = Path.Combine(Root, "costs.json");
    }

    /// <summary>The one that the folder of a plan lies in.</summary>
    public static JobsFolder OfPlan(string planFolder) => new(Path.Combine(planFolder, "..", ".."));

    public string Root { get; }

    public ResultStore Results { get; }

    public RunFolder Plan(Digest id) => new(Path.Combine(Root, "plans", id.Hex));

    /// <summary>Keeps which plan a run carries out.</summary>
    public void Remember(string runId, Digest plan)
    {
        Directory.CreateDirectory(Path.Combine(Root, "runs"));
        File.WriteAllText(RunPath(runId), plan.ToString());
    }

    /// <summary>The plan a run carries out; null when it is not known here.</summary>
    public Digest? PlanOf(string runId)
    {
        try
        {
            return Digest.TryParse(File.ReadAllText(RunPath(runId)), out var plan) ? plan : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes the results a plan would find, so that they are computed again.</summary>
    public void Forget(CheckPlan plan)
    {
        var keys = new PlanKeys(plan);
        foreach (var item in plan.Shards().SelectMany(s => s.Work))
        {
            Results.Remove(keys.Of(item));
        }
    }

    /// <summary>What checks cost here so far.</summary>
    public CostModel ReadCosts()
    {
        try
        {
            return new CostModel(GovernanceJson.Deserialize<Dictionary<string, CheckCost>>(File.ReadAllBytes(costs)));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // None yet, or not readable: plans are laid out by middle values.
            return CostModel.Empty;
        }
    }

    /// <summary>Weighs in what the shards of a run reported.</summary>
    public void Learn(PlanOutcome outcome)
    {
        var measured = outcome.Reports.SelectMany(r => r.Items).Where(i => i is { Cached: false, Failure: null }).GroupBy(i => i.Work.Check, StringComparer.Ordinal).ToList();
        if (measured.Count == 0)
        {
            return;
        }

        var model = measured.Aggregate(ReadCosts(), (known, check) => known.With(check.Key, Cost(check, known.Of(check.Key))));
        var temporary = $"{costs}.{Guid.NewGuid():n}.tmp";
        File.WriteAllBytes(temporary, GovernanceJson.Serialize(model.Known));
        File.Move(temporary, costs, overwrite: true);
    }

    /// <exception cref="ArgumentException">The id is no name.</exception>
    private string RunPath(string runId) => runId.All(char.IsAsciiLetterOrDigit)
        ? Path.Combine(Root, "runs", runId)
        : throw new ArgumentException("A run id has letters and digits only.", nameof(runId));

    private static CheckCost Cost(IEnumerable<ItemReport> items, CheckCost known)
    {
        var rows = items.Where(i => i.Work.Unit == CheckStage.Rows).ToList();
        var parts = items.Where(i => i.Work.Part is not null && i.Work.Unit != CheckStage.Rows).ToList();
        var reduces = items.Where(i => i.Work.Part is null).ToList();
        return new CheckCost(
            Count(rows) > 0 ? rows.Sum(m => m.Seconds) * 1000 / Count(rows) : known.SecondsPerThousandRows,
            reduces.Count > 0 ? reduces.Average(r => r.Seconds) : known.ReduceSeconds,
            Count(parts) > 0 ? parts.Sum(m => m.Seconds) / Count(parts) : known.SecondsPerPart);

        static double Count(List<ItemReport> maps) => maps.Sum(m => (double)m.Work.Part!.Value.Count);
    }
}
