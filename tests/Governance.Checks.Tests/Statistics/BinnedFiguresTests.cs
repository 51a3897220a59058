using Governance.Checks.Statistics;
using Governance.Checks.Tests.Support;
using Governance.Checks.Validation;

namespace Governance.Checks.Tests.Statistics;

/// <summary>Figures over bins, by hand.</summary>
public sealed class BinnedFiguresTests
{
    /// <summary>
    /// Bins (0, 0.5] and (0.5, 1]; base rate 3/4. Reliability ½·0.3² + ½·0.3² = 0.09; uncertainty 3/16. Classical resolution ½·(1/4)² + ½·(1/4)² = 1/16, less the
    /// variance of scores within bins 0.01, plus twice their covariance with outcomes there ½·(0.05 + 0.05) = 0.05: 0.1025. Brier score 0.175.
    /// </summary>
    [Fact]
    public void Murphy_FourRows_ByHand()
    {
        var counts = PublishedValueTests.Counts([0.1, 0.3, 0.6, 0.8], [0, 1, 1, 1]);
        var (reliability, resolution, uncertainty) = CalibrationBins.Murphy(counts, CalibrationBins.Uniform(counts, 2));

        Assert.Equal((0.09, 0.1025, 0.1875), (Math.Round(reliability, 12), Math.Round(resolution, 12), uncertainty));
        Assert.Equal(0.175, reliability - resolution + uncertainty, 1e-12);
    }

    /// <summary>Two bins of the same rows: |0.5 − 0.2| and |1 − 0.7|, half the rows each.</summary>
    [Fact]
    public void ExpectedError_FourRows_ByHand()
    {
        var counts = PublishedValueTests.Counts([0.1, 0.3, 0.6, 0.8], [0, 1, 1, 1]);
        Assert.Equal(0.3, CalibrationBins.ExpectedError(counts, CalibrationBins.Uniform(counts, 2)), 1e-12);
    }

    [Fact]
    public void Calibration_PartsOfTheBrierScore_AddUp()
    {
        var input = Inputs.Portfolio(3, 500, 50, dirty: false);
        var result = Inputs.Run("validation.calibration", input);
        var brier = Inputs.Run("validation.discrimination", input).Value("brier");

        Assert.Equal(brier, result.Value("brier_reliability") - result.Value("brier_resolution") + result.Value("brier_uncertainty"), 1e-12);
        Assert.All(["brier_reliability", "brier_resolution", "brier_uncertainty"], name => Assert.NotNull(result.Get(name).Lower));
    }

    /// <summary>Shares 3/4 and 1/4 against 1/4 and 3/4: divergence ¾·log2(3/2) + ¼·log2(1/2) bits. Equal shares 0, disjoint ones 1.</summary>
    [Fact]
    public void JensenShannon_TwoBins_ByHand()
    {
        Assert.Equal(Math.Sqrt((0.75 * Math.Log2(1.5)) - 0.25), BinnedDistance.JensenShannon(Bins((3, 1), (1, 3))), 1e-12);
        Assert.Equal(0, BinnedDistance.JensenShannon(Bins((10, 20), (30, 60))), 1e-7);
        Assert.Equal(1, BinnedDistance.JensenShannon(Bins((5, 0), (0, 9))), 1e-12);
        Assert.True(double.IsNaN(BinnedDistance.JensenShannon(Bins((5, 0)))));
    }

    /// <summary>Four cells that expect 25 and hold 20 or 30: 4·25/25. Two sparse bins count as one; one bin alone is no test.</summary>
    [Fact]
    public void ChiSquared_SparseBinsTogether_ByHand()
    {
        Assert.Equal((4.0, 1), BinnedDistance.ChiSquared(Bins((30, 20), (20, 30))));

        // 33 rows a side; the last two bins expect 1.5 each, together 3: (3 − 3)² = 0 with (1, 2) and (2, 1).
        Assert.Equal((2.0 * 2 * 25 / 15, 2), BinnedDistance.ChiSquared(Bins((20, 10), (10, 20), (1, 2), (2, 1))));
        Assert.Equal(0, BinnedDistance.ChiSquared(Bins((9, 9))).DegreesOfFreedom);
        Assert.Equal(0, BinnedDistance.ChiSquared(Bins((9, 0), (9, 0))).DegreesOfFreedom);
    }

    /// <summary>Shares 1/2, 1/2 in training and 3/4, 1/4 in evaluation: ¼·ln(3/2) + (−¼)·ln(1/2). An empty side counts half a row.</summary>
    [Fact]
    public void StabilityIndex_TwoBins_ByHand()
    {
        Assert.Equal((0.25 * Math.Log(1.5)) + (0.25 * Math.Log(2)), StabilityBins.Index(Bins((4, 6), (4, 2))), 1e-12);
        Assert.Equal(((0.05 - 0.5) * Math.Log(0.05 / 0.5)) + ((1 - 0.5) * Math.Log(1 / 0.5)), StabilityBins.Index(Bins((5, 0), (5, 10))), 1e-12);
    }

    private static StabilityBin[] Bins(params (long Training, long Evaluation)[] bins) => [.. bins.Select((b, i) => new StabilityBin($"bin {i}", b.Training, b.Evaluation))];
}
