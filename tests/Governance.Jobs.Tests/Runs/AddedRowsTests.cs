using Governance.Jobs.Plans;
using Governance.Jobs.Runs;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Runs;

/// <summary>Rows that are added as a further part of the data: only their states are computed, and the results are those of all rows at once.</summary>
public sealed class AddedRowsTests
{
    [Fact]
    public async Task Only_the_states_of_the_added_rows_are_computed_and_the_digests_are_those_of_all_at_once()
    {
        using var plan = new SmallPlan();
        await plan.RunAsync(plan.Engine(), plan: plan.Of(400));
        var grown = plan.Of(400, 200);
        var outcome = await plan.RunAsync(plan.Engine(), plan: grown);

        foreach (var check in new[] { SmallPlan.RowLocal, "fairness.adverse_impact" })
        {
            Assert.Equal([new(check, 0, "rows", new(400, 200)), WorkItem.ResultOf(check, 1)], Computed(outcome, check));
        }

        // It compares with the training data: its states are about all rows.
        Assert.Equal(grown.Shards().SelectMany(s => s.Work).Count(w => w.Check == "validation.stability"), Computed(outcome, "validation.stability").Count);

        using var whole = new SmallPlan();
        var atOnce = await whole.RunAsync(whole.Engine(), plan: whole.Of(600));
        Assert.Equal(SmallPlan.Digests(atOnce), SmallPlan.Digests(outcome));
    }

    [Fact]
    public async Task A_changed_part_is_computed_and_the_part_before_it_is_not()
    {
        using var plan = new SmallPlan();
        await plan.RunAsync(plan.Engine(), plan: plan.Of(400, 100));
        var outcome = await plan.RunAsync(plan.Engine(), plan: plan.Of(400, 200));

        Assert.Equal([new(SmallPlan.RowLocal, 0, "rows", new(400, 200)), WorkItem.ResultOf(SmallPlan.RowLocal, 1)], Computed(outcome, SmallPlan.RowLocal));
    }

    [Fact]
    public void A_new_level_or_none_known_names_all_states_anew()
    {
        using var plan = new SmallPlan();
        var (before, after) = (plan.Of(400), plan.Of(400, 200));
        var item = before.Shards().SelectMany(s => s.Work).Single(w => w.Check == SmallPlan.RowLocal && w.Part is not null);

        Assert.Equal(new PlanKeys(before).Of(item), new PlanKeys(after).Of(item));
        foreach (var levels in new Core.Digest?[] { null, Core.Digest.Of("more"u8) })
        {
            var other = after with { Evaluation = after.Evaluation with { Levels = levels } };
            Assert.NotEqual(new PlanKeys(before).Of(item), new PlanKeys(other).Of(item));
        }
    }

    private static List<WorkItem> Computed(PlanOutcome outcome, string check) =>
        [.. outcome.Reports.SelectMany(r => r.Items).Where(i => !i.Cached && i.Work.Check == check).Select(i => i.Work).OrderBy(w => w.Stage)];
}
