using Governance.Checks;
using Governance.Core;

namespace Governance.Jobs.Plans;

/// <summary>
/// Names results by what produces them: code, model, data, decision rule, models compared with, feature rules, seed, the check's version and
/// parameters, whether models may run on a GPU, and for a state the stage and its parts. The shard layout is no part of it, so that a result found
/// under its key may be used whatever plan computed it. The state of a check that reads its own rows only is named by the parts of the data that hold
/// them, so that it is found again when rows were added. Immutable and thread-safe.
/// </summary>
public sealed class PlanKeys
{
    private readonly CheckPlan plan;
    private readonly Dictionary<string, PlannedCheck> checks;

    public PlanKeys(CheckPlan plan)
    {
        this.plan = plan;
        checks = plan.Checks.ToDictionary(c => c.Id, StringComparer.Ordinal);
    }

    /// <summary>The key of a work item's result.</summary>
    /// <exception cref="KeyNotFoundException">The plan has no such check.</exception>
    public Digest Of(WorkItem item) => item.Part is { } part && IsRowLocal(plan, item.Check) ? OfRows(item, part) : Digest.Of(GovernanceJson.Serialize(new
    {
        plan.Code,
        plan.Model,
        plan.Evaluation,
        plan.Training,
        plan.Threshold,
        plan.FavourablePrediction,
        plan.ReferenceGroups,
        plan.Champion,
        plan.Previous,
        plan.Alternatives,
        plan.FeatureRules,
        plan.Seed,
        plan.Resources.GpuUse,
        Check = checks[item.Check],
        item.Unit,
        item.Part,
    }));

    /// <summary>Whether states of the check stay true when rows are added, as far as the plan can tell.</summary>
    internal static bool IsRowLocal(CheckPlan plan, string check) => plan.Evaluation.Levels is not null && CheckCatalogue.Find(check) is { IsRowLocal: true };

    private Digest OfRows(WorkItem item, RowRange part) => Digest.Of(GovernanceJson.Serialize(new
    {
        plan.Code,
        plan.Model,
        plan.Evaluation.Schema,
        plan.Evaluation.ReferenceScore,
        plan.Evaluation.Levels,
        Parts = plan.Evaluation.PartsOf(part.Start, part.Count).Select(p => new { p.Start, p.Part.File }).ToList(),
        plan.Threshold,
        plan.FavourablePrediction,
        plan.ReferenceGroups,
        plan.Champion,
        plan.Previous,
        plan.Alternatives,
        plan.FeatureRules,
        plan.Seed,
        plan.Resources.GpuUse,
        Check = checks[item.Check],
        item.Unit,
        item.Part,
    }));
}
