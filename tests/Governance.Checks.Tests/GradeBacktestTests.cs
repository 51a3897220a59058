using Governance.Checks.Tests.Support;
using Governance.Core.Evidence;

namespace Governance.Checks.Tests;

public sealed class GradeBacktestTests
{
    /// <summary>Six obligors at 3.67 percent with two defaults: the published p-value 0.0044 comes out of the check.</summary>
    [Fact]
    public void Grade_SixObligors_PublishedPValue()
    {
        var input = WithMinimum(Inputs.Scored([.. Enumerable.Repeat(0.0367, 6)], [1, 1, 0, 0, 0, 0]), 1);
        var result = Inputs.Run("validation.grade_backtest", input);
        var grade = Assert.Single(result.Measures, m => m.Name == "event_rate");
        Assert.Equal("grade=-5", grade.Group);
        Assert.Equal(0.0044, grade.PValue!.Value, 5e-5);
        Assert.Equal(grade.PValue, grade.AdjustedPValue);
        Assert.Equal("amber", result.Tables.Single().Rows[0][9].Text);
    }

    [Fact]
    public void Grades_OneUnderestimated_OnlyThatOneIsFound()
    {
        double[] scores = [.. Enumerable.Repeat(0.1, 200), .. Enumerable.Repeat(0.4, 200), .. Enumerable.Repeat(0.8, 10)];
        double[] labels = [.. Labels(200, 20), .. Labels(200, 120), .. Labels(10, 8)];
        var result = Inputs.Run("validation.grade_backtest", Inputs.Scored(scores, labels));
        Assert.Equal(1, result.Value("grades_underestimated"));
        Assert.True(result.Get("event_rate", "grade=-1").AdjustedPValue < 1e-6);
        Assert.True(result.Get("event_rate", "grade=-4").PValue > 0.3);
        Assert.Equal(MeasureStatus.Insufficient, result.Get("event_rate", "grade=2").Status);
    }

    private static IEnumerable<double> Labels(int rows, int events) => Enumerable.Range(0, rows).Select(i => i < events ? 1.0 : 0);

    private static CheckInput WithMinimum(CheckInput input, double rows) => new()
    {
        Evaluation = input.Evaluation,
        Model = input.Model,
        Threshold = input.Threshold,
        FavourablePrediction = input.FavourablePrediction,
        ReferenceGroups = input.ReferenceGroups,
        Parameters = new Dictionary<string, IReadOnlyDictionary<string, double>> { ["validation.grade_backtest"] = new Dictionary<string, double> { ["min_rows"] = rows } },
    };
}
