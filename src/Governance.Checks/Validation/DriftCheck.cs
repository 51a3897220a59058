using Governance.Checks.Statistics;
using Governance.Checks.Tallies;
using Governance.Core.Evidence;

namespace Governance.Checks.Validation;

/// <summary>Distances between the training and evaluation distribution of each feature, with and without bins.</summary>
public sealed class DriftCheck : TallyCheck
{
    private const int Bins = 10;

    public override CheckDescriptor Descriptor { get; } = new()
    {
        Id = "validation.drift",
        Version = "2",
        Family = CheckFamily.Validation,
        Title = "Drift of features",
        Purpose = "Which inputs are distributed differently from the training data, and by how much in their own units?",
        Method = "For each feature, missing values apart: the Kolmogorov-Smirnov distance (largest difference of the two distribution functions) with its asymptotic p-value; the Wasserstein "
            + "distance (area between the distribution functions, in units of the feature), also divided by the training standard deviation; and the change of the missing rate with Newcombe's interval. "
            + "Over the frozen bins of population stability (tenths of the training data, or one per value when there are few, with a bin for missing and one for unseen values): the Jensen-Shannon distance (square root of the divergence in bits) and Pearson's chi-squared test of one distribution, in which bins that expect fewer than five rows count as one. "
            + "p-values are adjusted over features by Benjamini-Hochberg.",
        SignsOfHighRisk = "A standardised Wasserstein distance above about 0.1 with a small adjusted p-value; a missing rate that changed by some percent.",
        Strengths = "Numbers without bins beside codes and flags by value; distance and evidence are given apart, so that a large sample does not turn a trifle into an alarm.",
        Limits = "One feature at a time: changed correlations are not seen. With ties (counts, flags) the Kolmogorov-Smirnov p-value is conservative: read the chi-squared one there. The Jensen-Shannon distance has no interval: it is above 0 by chance in small samples.",
        Sources = ["Kolmogorov (1933)", "Smirnov (1948), Annals of Mathematical Statistics 19", "Endres and Schindelin (2003), IEEE Transactions on Information Theory 49", "Cochran (1954), Biometrics 10", "Vallender (1974), Theory of Probability and its Applications 18", "Benjamini and Hochberg (1995), JRSS B 57"],
        Parameters = [CheckParameters.Confidence],
        Measures =
        [
            new("ks", "largest distance of the distributions of one feature", 0, 1),
            new("wasserstein", "area between the distributions, in units of the feature", 0),
            new("wasserstein_standardised", "the same over the standard deviation in training", 0),
            new("jensen_shannon", "Jensen-Shannon distance over the frozen bins, base 2", 0, 1),
            new("chi_squared", "Pearson's statistic over the frozen bins", 0),
            new("missing_rate_change", "share missing in evaluation less that in training", -1, 1),
        ],
    };

    protected override string? Lacks(CheckInput input) => DistributionCounts.Lacks(input);

    protected override void Count(CheckContext context, RowRange rows, TallyBuilder tally, CancellationToken cancellationToken) =>
        DistributionCounts.Count(context.Input, rows, tally, cancellationToken);

    protected override Finding Conclude(CheckContext context, Tally tally, CancellationToken cancellationToken)
    {
        var features = context.Input.Model.Features;
        var distances = Enumerable.Range(0, features.Count + 1).Select(slot => SampleDistance.Of(tally.Map(slot, DistributionCounts.Width))).ToArray();
        var adjusted = Multiplicity.BenjaminiHochberg([.. distances[1..].Select(d => double.IsNaN(d.PValue) ? 1 : d.PValue)]);
        var bins = Enumerable.Range(0, features.Count + 1).Select(slot => StabilityBins.Of(tally.Map(slot, DistributionCounts.Width), Bins)).ToArray();
        var tests = bins.Select(BinnedDistance.ChiSquared).ToArray();
        var pValues = tests.Select(t => t.DegreesOfFreedom == 0 ? double.NaN : Tail.ChiSquared(t.Statistic, t.DegreesOfFreedom)).ToArray();
        var homogeneous = Multiplicity.BenjaminiHochberg([.. pValues[1..].Select(p => double.IsNaN(p) ? 1 : p)]);
        var figures = new Figures();
        for (var i = 0; i < distances.Length; i++)
        {
            var d = distances[i];
            var group = i == 0 ? "score" : $"feature={features[i - 1]}";
            var note = double.IsNaN(d.KolmogorovSmirnov) ? "One of the samples has no value that is not missing." : null;
            figures.Add("ks", d.KolmogorovSmirnov, group, count: d.Evaluation, pValue: d.PValue, adjusted: i == 0 ? null : adjusted[i - 1],
                test: i == 0 ? "Kolmogorov-Smirnov" : "Kolmogorov-Smirnov, Benjamini-Hochberg over features", note: note);
            figures.Add("wasserstein", d.Wasserstein, group, count: d.Evaluation, note: note);
            figures.Add("wasserstein_standardised", d.Wasserstein / d.TrainingDeviation, group, count: d.Evaluation,
                note: note ?? (d.TrainingDeviation > 0 ? null : "The training data has one value only."));
            figures.Add("jensen_shannon", BinnedDistance.JensenShannon(bins[i]), group, count: d.Evaluation + d.EvaluationMissing);
            figures.Add("chi_squared", tests[i].Statistic, group, count: d.Evaluation + d.EvaluationMissing, pValue: pValues[i], adjusted: i == 0 ? null : homogeneous[i - 1],
                test: $"chi-squared, {tests[i].DegreesOfFreedom} df{(i == 0 ? "" : ", Benjamini-Hochberg over features")}",
                note: tests[i].DegreesOfFreedom > 0 ? null : "Fewer than two bins expect five rows of each sample.");
            if (d.TrainingMissing + d.EvaluationMissing > 0)
            {
                long n = d.Training + d.TrainingMissing, m = d.Evaluation + d.EvaluationMissing;
                figures.Add("missing_rate_change", ((double)d.EvaluationMissing / m) - ((double)d.TrainingMissing / n), group,
                    Proportion.Newcombe(d.EvaluationMissing, m, d.TrainingMissing, n, context.Confidence), m);
            }
        }

        var worst = figures.All.Where(f => f.Name == "wasserstein_standardised" && f.Group != "score" && f.Value is not null).MaxBy(f => f.Value);
        return new Finding(
            $"{adjusted.Count(p => p < 0.05)} of {features.Count} features differ significantly from training after adjustment by the Kolmogorov-Smirnov test, {homogeneous.Count(p => p < 0.05)} by the chi-squared test; "
            + (worst is null ? "no feature has a standardised distance." : $"the largest standardised distance is {Figures.Text(worst.Value)} ({worst.Group!["feature=".Length..]})."),
            figures.All);
    }
}
