using Governance.Core;

namespace Governance.Jobs.Plans;

/// <summary>
/// Names results by what produces them: code, model, data, decision rule, models compared with, feature rules, seed, the check's version and parameters, and for a state the rows.
/// The shard layout is no part of it, so that a result found under its key may be used whatever plan computed it. Immutable and thread-safe.
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
    public Digest Of(WorkItem item) => Digest.Of(GovernanceJson.Serialize(new
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
        Check = checks[item.Check],
        item.Rows,
    }));
}
