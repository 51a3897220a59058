using Governance.Checks.Statistics;
using Governance.Core.Serving;
using Governance.Serving.Watching;

namespace Governance.Serving.Tests.Watching;

public sealed class GroupFiguresTests
{
    private static readonly GroupAttribute Sex = new("sex", ["male", "female", "other"]);

    [Fact]
    public void A_group_is_compared_with_the_first_of_its_attribute()
    {
        var figures = GroupFigures.Of([Sex], Counts(("male", 200, 40), ("female", 100, 40), ("other", 50, 50)));
        Assert.Equal(("male", 200L, 0.8, null), (figures[0].Level, figures[0].Rows, figures[0].ApprovalRate, figures[0].ImpactRatio));
        Assert.Equal((100L, 0.6), (figures[1].Rows, figures[1].ApprovalRate));
        Assert.Equal(0.75, figures[1].ImpactRatio!.Value, 12);
        Assert.Equal(Proportion.Katz(60, 100, 160, 200, 0.95), figures[1].Interval);
        Assert.Equal(0, figures[2].ImpactRatio);
        Assert.True(figures[2].Interval!.Value.Lower == 0 && figures[2].Interval!.Value.Upper > 0);
    }

    [Theory]
    [InlineData(200, 100, 19, new[] { true, false, false })] // The next larger group hides the small one: the total would tell it.
    [InlineData(200, 15, 10, new[] { true, false, false })] // Together they are many enough.
    [InlineData(19, 0, 0, new[] { false, false, false })]
    [InlineData(20, 0, 0, new[] { true, false, false })]
    [InlineData(30, 20, 20, new[] { true, true, true })]
    public void What_is_about_few_is_hidden_and_cannot_be_told_from_the_rest(int male, int female, int other, bool[] shown)
    {
        var figures = GroupFigures.Of([Sex], Counts(("male", male, 1), ("female", female, 1), ("other", other, 1)));
        Assert.Equal(shown, figures.Select(f => f.Rows is not null));
        Assert.All(figures.Where(f => f.Rows is null), f => Assert.Equal((null, null, null), (f.ApprovalRate, f.ImpactRatio, f.Interval)));
    }

    [Fact]
    public void Outcomes_give_error_rates_by_group_and_their_gaps()
    {
        var figures = GroupFigures.Of(
            [Sex],
            [.. Of("male", label: true, foretold: 30, not: 10), .. Of("male", label: false, foretold: 8, not: 32), .. Of("female", label: true, foretold: 20, not: 20), .. Of("female", label: false, foretold: 5, not: 14)]);
        Assert.Equal((80L, 0.75, 0.2, null), (figures[0].Labelled, figures[0].TruePositiveRate, figures[0].FalsePositiveRate, figures[0].TruePositiveGap));
        Assert.Equal((59L, 0.5, -0.25), (figures[1].Labelled, figures[1].TruePositiveRate, figures[1].TruePositiveGap));
        Assert.Null(figures[1].FalsePositiveRate);
        Assert.Null(figures[2].Labelled);
    }

    [Fact]
    public void Monitors_read_groups_when_both_sides_are_many()
    {
        var limits = new MonitorLimits();
        var read = Monitors.Read(GroupFigures.Of([Sex], Counts(("male", 400, 40), ("female", 200, 100), ("other", 199, 199))), limits).ToList();
        var one = Assert.Single(read);
        Assert.Equal((Monitors.Impact, "sex=female", true, true), (one.Monitor, one.About, one.AtLeast, one.Breached));
        Assert.Empty(Monitors.Read(GroupFigures.Of([Sex], Counts(("male", 199, 1), ("female", 400, 399))), limits));
        Assert.Empty(Monitors.Read(GroupFigures.Of([Sex], Counts(("male", 400, 40), ("female", 400, 100))), limits with { ImpactRatio = null }));

        var gaps = Monitors.Read(
            GroupFigures.Of([Sex], [.. Of("male", true, 150, 50), .. Of("male", false, 20, 80), .. Of("female", true, 100, 100), .. Of("female", false, 25, 75)]), limits).ToList();
        Assert.Equal([(Monitors.TruePositives, "sex=female", true), (Monitors.FalsePositives, "sex=female", false)], gaps.Select(g => (g.Monitor, g.About, g.Breached)));
    }

    [Fact]
    public void Windows_add_up_by_group()
    {
        var sum = new WindowCounts { Groups = Counts(("male", 2, 1)) };
        sum.Add(new WindowCounts { Groups = Counts(("male", 3, 1), ("other", 1, 0)) });
        sum.Add(new WindowCounts());
        Assert.Equal((new GroupCount(5, 2), new GroupCount(1, 0)), (sum.Groups!.Counts[new("sex", "male")], sum.Groups.Counts[new("sex", "other")]));
    }

    private static GroupCounts Counts(params ReadOnlySpan<(string Level, long Rows, long Adverse)> of)
    {
        var counts = new GroupCounts();
        foreach (var (level, rows, adverse) in of)
        {
            counts.Add(new GroupKey("sex", level), new GroupCount(rows, adverse));
        }

        return counts;
    }

    private static IEnumerable<LabelledDecision> Of(string level, bool label, int foretold, int not)
    {
        var groups = new Dictionary<string, string> { ["sex"] = level };
        return Enumerable.Repeat(new LabelledDecision(groups, true, label), foretold).Concat(Enumerable.Repeat(new LabelledDecision(groups, false, label), not));
    }
}
