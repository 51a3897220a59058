using Governance.Data;
using Governance.Data.Cases;
using Governance.Models.Training;
using Governance.Testing;

namespace Governance.Models.Tests.Training;

public sealed class LogisticRegressionTests
{
    public static TheoryData<string> Cases() => [.. SharedMaterial.CaseFolders().Select(f => Path.GetFileName(f)).DefaultIfEmpty("")];

    /// <summary>scikit-learn maximises the same penalised likelihood (C = 1 on standardised features), but its L-BFGS stops early: hence 5e-3 here and the exact conditions below.</summary>
    [Theory]
    [Trait("Category", SharedMaterial.Conformance)]
    [MemberData(nameof(Cases))]
    public async Task Fit_TrainingDataOfACase_PredictsAsScikitLearn(string name)
    {
        SharedMaterial.SkipUnlessPresent("cases");
        var reference = await ReferenceCase.LoadAsync(Path.Combine(SharedMaterial.Root, "cases", name), TestContext.Current.CancellationToken);
        var train = FeatureMatrix.Of(reference.Train, reference.Features);
        Assert.SkipWhen(train.Values.ToArray().Any(float.IsNaN), $"{name} has missing values, which this trainer takes no part in.");

        var model = LogisticRegression.Fit(train, ((Float64Column)reference.Train["label"]).Values.Span, penalty: 1);

        var test = FeatureMatrix.Of(reference.Test, reference.Features);
        var scores = new double[test.RowCount];
        model.Score(test.Values.Span, scores, TestContext.Current.CancellationToken);
        var expected = reference.ReferenceScores["logistic_regression"];
        var worst = scores.Index().Max(s => Math.Abs(s.Item - expected.Span[s.Index]));
        TestContext.Current.SendDiagnosticMessage($"{name}: largest difference {worst:g3}");
        Assert.True(worst < 5e-3, $"{name}: largest difference {worst:g3}");
        AssertOptimal(model, train, ((Float64Column)reference.Train["label"]).Values.Span);
    }

    /// <summary>At the maximum: residuals sum to 0, and against each standardised feature to penalty × its standardised coefficient.</summary>
    private static void AssertOptimal(LogisticModel model, FeatureMatrix data, ReadOnlySpan<double> labels)
    {
        var scores = new double[data.RowCount];
        model.Score(data.Values.Span, scores, TestContext.Current.CancellationToken);
        var residuals = labels.ToArray().Zip(scores, (y, p) => y - p).ToArray();
        Assert.Equal(0, residuals.Sum(), 1e-6);
        for (var f = 0; f < data.Features.Count; f++)
        {
            var values = Enumerable.Range(0, data.RowCount).Select(r => (double)data.Row(r)[f]).ToArray();
            var mean = values.Average();
            var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
            if (deviation > 0)
            {
                var slope = values.Zip(residuals, (v, r) => (v - mean) / deviation * r).Sum();
                Assert.Equal(model.Coefficients[f] * deviation, slope, 1e-6);
            }
        }
    }

    [Fact]
    public void Fit_SeparableData_StaysFinite()
    {
        var data = new FeatureMatrix(["x"], 4, new float[] { -2, -1, 1, 2 });

        var model = LogisticRegression.Fit(data, [0, 0, 1, 1]);

        Assert.InRange(model.Coefficients[0], 0.1, 100);
        Assert.Equal(0, model.Intercept, 1e-9);
    }

    [Fact]
    public void Fit_ConstantFeature_GetsNoWeight()
    {
        var data = new FeatureMatrix(["x", "constant"], 4, new float[] { -2, 5, 1, 5, -1, 5, 2, 5 });

        Assert.Equal(0, LogisticRegression.Fit(data, [0, 0, 1, 1]).Coefficients[1], 1e-12);
    }

    [Fact]
    public void Fit_UnusableData_IsRefused()
    {
        var data = new FeatureMatrix(["x"], 2, new float[] { 1, 2 });

        Assert.Throws<ArgumentException>(() => LogisticRegression.Fit(data, [1, 1]));
        Assert.Throws<ArgumentException>(() => LogisticRegression.Fit(data, [0, 2]));
        Assert.Throws<ArgumentException>(() => LogisticRegression.Fit(data, [0]));
        Assert.Throws<ArgumentException>(() => LogisticRegression.Fit(data, [0, 1], penalty: 0));
        Assert.Throws<ArgumentException>(() => LogisticRegression.Fit(data with { Values = new[] { 1, float.NaN } }, [0, 1]));
    }
}
