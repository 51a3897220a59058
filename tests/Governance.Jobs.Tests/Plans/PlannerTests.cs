using FsCheck;
using FsCheck.Fluent;
using Governance.Core;
using Governance.Jobs.Plans;

namespace Governance.Jobs.Tests.Plans;

public sealed class PlannerTests
{
    [Fact]
    public void Every_row_of_every_check_is_covered_once_whatever_the_slots_and_costs()
    {
        var cases = from rows in Gen.Choose(0, 5000) from cost in Gen.Choose(0, 5000) from slots in Gen.Choose(1, 64) select (Rows: rows, Cost: cost, Slots: slots);
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(cases.ToArbitrary(), given =>
        {
            var costs = new CostModel(new Dictionary<string, CheckCost> { ["a"] = new(given.Cost / 10.0, 1), ["b"] = new(0, 0) });
            var plan = Planner.Lay(Draft(given.Rows), costs, given.Slots);
            foreach (var check in plan.Checks)
            {
                var next = 0;
                foreach (var rows in plan.Stages[0].Shards.SelectMany(s => s.Work).Where(w => w.Check == check.Id).Select(w => w.Part!.Value).OrderBy(r => r.Start).ThenBy(r => r.Count))
                {
                    Assert.Equal(next, rows.Start);
                    next += rows.Count;
                }

                Assert.Equal(given.Rows, next);
                Assert.Single(plan.Stages[1].Shards.SelectMany(s => s.Work), w => w.Check == check.Id && w.Part is null);
            }

            Assert.Equal(plan.Id(), Planner.Lay(Draft(given.Rows), costs, given.Slots).Id());
        }));
    }

    [Fact]
    public void A_changed_parameter_changes_the_keys_of_its_check_only()
    {
        var plan = Planner.Lay(Draft(100), CostModel.Empty, 2);
        var changed = plan with { Checks = [plan.Checks[0] with { Parameters = [new PlannedParameter("alpha", 0.1)] }, .. plan.Checks.Skip(1)] };
        var (before, after) = (new PlanKeys(plan), new PlanKeys(changed));

        Assert.All(plan.Shards().SelectMany(s => s.Work), w => Assert.Equal(w.Check != plan.Checks[0].Id, before.Of(w) == after.Of(w)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(250)]
    public void A_slow_launcher_gets_no_more_shards_than_pay(double launches)
    {
        var costs = new CostModel(new Dictionary<string, CheckCost> { ["a"] = new(6, 0), ["b"] = new(6, 0) }, startSeconds: 0.01);

        // Each launch waits for the one before it and for a free slot.
        double Wall(int slots)
        {
            var free = new PriorityQueue<double, double>(Enumerable.Repeat((0.0, 0.0), slots));
            var (launched, end) = (0.0, 0.0);
            foreach (var shard in Planner.Lay(Draft(100_000), costs, slots, launches).Stages[0].Shards)
            {
                launched = Math.Max(launched + (1 / launches), free.Dequeue());
                end = Math.Max(end, launched + shard.EstimatedSeconds);
                free.Enqueue(launched + shard.EstimatedSeconds, launched + shard.EstimatedSeconds);
            }

            return end;
        }

        var walls = new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000 }.Select(Wall).ToList();
        Assert.All(walls.Zip(walls.Skip(1)), w => Assert.True(w.Second <= w.First * 1.1, $"{w.First} s, then {w.Second} s with twice the slots."));
        Assert.True(walls[^1] < walls[0] / 8);
    }

    [Fact]
    public void The_layout_is_no_part_of_a_result_s_key()
    {
        var (one, many) = (Planner.Lay(Draft(1000), CostModel.Empty, 1), Planner.Lay(Draft(1000), CostModel.Empty, 32));

        Assert.Equal(new PlanKeys(one).Of(WorkItem.ResultOf("a", 1)), new PlanKeys(many).Of(WorkItem.ResultOf("a", 1)));
    }

    [Fact]
    public void What_a_run_compares_with_is_part_of_every_key_and_absent_parts_leave_no_trace()
    {
        var plan = Planner.Lay(Draft(100), CostModel.Empty, 2);
        var other = new PlannedModel(Digest.Of("other"u8), ["x"]);
        CheckPlan[] changed =
        [
            plan with { Champion = other }, plan with { Previous = other }, plan with { Alternatives = [new PlannedAlternative("other", other)] }, plan with { FeatureRules = Digest.Of("rules"u8) },
        ];

        Assert.Equal(changed.Length + 1, changed.Append(plan).Select(p => new PlanKeys(p).Of(WorkItem.ResultOf("a", 1))).Distinct().Count());
        Assert.Equal(changed.Length + 1, changed.Append(plan).Select(p => p.Id()).Distinct().Count());
        var json = System.Text.Encoding.UTF8.GetString(GovernanceJson.Serialize(plan));
        Assert.All(new[] { "champion", "previous", "alternatives", "featureRules" }, name => Assert.DoesNotContain(name, json, StringComparison.Ordinal));
    }

    private static CheckPlan Draft(int rows) => new()
    {
        Code = Digest.Of("code"u8),
        Model = new PlannedModel(Digest.Of("model"u8), ["x"]),
        Evaluation = PlannedData.OfFile(Digest.Of("data"u8), Digest.Of("schema"u8), rows),
        Threshold = 0.5,
        FavourablePrediction = 0,
        ReferenceGroups = [],
        Seed = 1,
        Checks = [new PlannedCheck("a", "1", []), new PlannedCheck("b", "1", [])],
        Stages = [],
        Resources = new ShardResources(),
    };
}
