using System.Text.Json.Nodes;
using Governance.Core.Evidence;
using Governance.Core.Tests.Support;

namespace Governance.Core.Tests.Evidence;

public sealed class ResultComparisonTests
{
    [Fact]
    public void Equal_results_have_no_differences_and_others_are_told_place_by_place()
    {
        var first = Result(0.7, 100);
        Assert.Empty(ResultComparison.Of(first, Result(0.7, 100), 0));
        Assert.Equal(
            [new ResultDifference("rows", "100", "90"), new ResultDifference("measures[0].value", "0.7", "0.71")],
            ResultComparison.Of(first, Result(0.71, 90), 0));
        Assert.Equal("measures[1]", ResultComparison.Of(first, first with { Measures = [.. first.Measures, first.Measures[0]] }, 0).Single().Place);
    }

    [Theory]
    [InlineData(1e-9, true)]
    [InlineData(1e-12, false)]
    public void Numbers_within_the_declared_tolerance_are_the_same(double tolerance, bool same) =>
        Assert.Equal(same, ResultComparison.Of(Result(0.7, 100), Result(0.7 * (1 + 1e-10), 100), tolerance).Count == 0);

    [Fact]
    public void Differences_are_bounded()
    {
        var many = Result(0.7, 100) with { Limitations = [.. Enumerable.Range(0, 500).Select(i => $"No. {i}")] };
        Assert.Equal(ResultComparison.Most, ResultComparison.Of(Result(0.7, 100), many, 0).Count);
    }

    private static CheckResult Result(double value, long rows) => new()
    {
        Check = "validation.c", CheckVersion = "1", Family = CheckFamily.Validation, Summary = "S", Parameters = new JsonObject(), Rows = rows,
        Measures = [new Measure { Name = "auc", Value = value }],
    };
}
