using System.Globalization;
using Governance.Checks;
using Governance.Checks.Privacy;
using Governance.Checks.Robustness;
using Governance.Checks.Statistics;

namespace Governance.Benchmarks.Calibration;

/// <summary>
/// Do intervals cover and tests reject as often as they say? The studies of the tests, with many more runs: one JSON line each, with the Monte-Carlo standard error.
/// </summary>
internal static class CalibrationBenchmark
{
    private const double Level = 0.95;

    private delegate Interval? Study(ref SplitMix64 random);

    private delegate double Test(ref SplitMix64 random);

    // Name, truth, study.
    private static readonly (string Name, double Truth, Study Study)[] Intervals =
    [
        ("Wilson n=60 p=0.05", 0.05, (ref SplitMix64 r) => Proportion.Wilson(Binomial(ref r, 60, 0.05), 60, Level)),
        ("Clopper-Pearson n=100 p=0.02", 0.02, (ref SplitMix64 r) => Proportion.ClopperPearson(Binomial(ref r, 100, 0.02), 100, Level)),
        ("Jeffreys n=200 p=0.03", 0.03, (ref SplitMix64 r) => Jeffreys.Interval(Binomial(ref r, 200, 0.03), 200, Level)),
        ("Newcombe 0.05/80 - 0.1/50", -0.05, (ref SplitMix64 r) => Proportion.Newcombe(Binomial(ref r, 80, 0.05), 80, Binomial(ref r, 50, 0.1), 50, Level)),
        ("Katz 0.4/100 : 0.5/150", 0.8, (ref SplitMix64 r) => Proportion.Katz(Binomial(ref r, 100, 0.4), 100, Binomial(ref r, 150, 0.5), 150, Level)),
        ("Agresti-Min n=80", 0.1, AgrestiMin),
        ("DeLong 100+100, one deviation apart", 0.7602499389065233, (ref SplitMix64 r) => Ranking.Auc(Counts(Normals(ref r, 200, shift: 1), i => i % 2)).Interval(Level)),
        ("paired DeLong 120+120, equal", 0, (ref SplitMix64 r) => Paired(ref r).Interval(Level)),
        ("Poisson bootstrap of a mean, n=200", 0.5, Bootstrap),
        ("Poisson bootstrap of KS, turned, 100+100, one deviation apart", 0.3829249225480262, (ref SplitMix64 r) => KolmogorovSmirnov(ref r, 100)),
        ("Poisson bootstrap of KS, turned, 1000+1000, one deviation apart", 0.3829249225480262, (ref SplitMix64 r) => KolmogorovSmirnov(ref r, 1000)),
        ("Poisson bootstrap of the worst fifth of uniform squared errors, n=250", (1 - (0.8 * 0.8 * 0.8)) / 0.6, (ref SplitMix64 r) =>
            Resampled(ref r, Counts(Uniforms(ref r, 250), _ => 0), c => WorstCaseShiftCheck.WorstMean(c, 0.2, Probability.SquaredError))),
    ];

    private static readonly (string Name, Test Test)[] Tests =
    [
        ("paired DeLong", (ref SplitMix64 r) => Paired(ref r).PValue),
        ("Spiegelhalter", (ref SplitMix64 r) => Tail.TwoSidedNormal(CalibrationTests.Spiegelhalter(Calibrated(ref r)))),
        ("cumulative difference", (ref SplitMix64 r) => Tail.BrownianMaximum(CalibrationTests.CumulativeDifference(Calibrated(ref r)))),
        ("recalibration likelihood ratio", (ref SplitMix64 r) => Tail.ChiSquared(LogisticRecalibration.Fit(Calibrated(ref r))!.LikelihoodRatio, 2)),
        ("Hosmer-Lemeshow, ten bins", HosmerLemeshow),
        ("Fisher 30 against 40", (ref SplitMix64 r) => Fourfold(ref r).FisherPValue()),
        ("chi-squared (Yates) 30 against 40", (ref SplitMix64 r) => Fourfold(ref r).ChiSquaredPValue(yates: true)),
        ("McNemar exact", (ref SplitMix64 r) => Pairs(ref r, 0.15, 0.15).McNemar),
        ("epsilon floor above 0, nothing leaks", (ref SplitMix64 r) => Audit(ref r).Floor(0, Level).Epsilon > 0 ? 0 : 1),
        ("one-run epsilon above 0, nothing leaks", (ref SplitMix64 r) => Audit(ref r).OneRun(0, Level).Epsilon > 0 ? 0 : 1),
    ];

    public static int Run(string[] args, TextWriter output)
    {
        var runs = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 20_000;
        foreach (var (name, truth, study) in Intervals)
        {
            Write(output, "coverage", name, Level, runs, Share(runs, i =>
            {
                var random = SplitMix64.For(2026, i);
                return study(ref random) is { } interval && interval.Lower <= truth && truth <= interval.Upper;
            }));
        }

        foreach (var (name, test) in Tests)
        {
            Write(output, "rejection", name, 1 - Level, runs, Share(runs, i =>
            {
                var random = SplitMix64.For(2027, i);
                return test(ref random) < 1 - Level;
            }));
        }

        return 0;
    }

    private static double Share(int runs, Func<int, bool> holds)
    {
        var count = 0;
        Parallel.For(0, runs, i =>
        {
            if (holds(i))
            {
                Interlocked.Increment(ref count);
            }
        });
        return (double)count / runs;
    }

    private static void Write(TextWriter output, string kind, string name, double nominal, int runs, double observed) => output.WriteLine(FormattableString.Invariant(
        $"{{\"bench\":\"calibration\",\"kind\":\"{kind}\",\"what\":\"{name}\",\"nominal\":{nominal:0.##},\"observed\":{observed:0.#####},\"standard_error\":{Math.Sqrt(nominal * (1 - nominal) / runs):0.#####},\"runs\":{runs}}}"));

    private static int Binomial(ref SplitMix64 random, int n, double p)
    {
        var successes = 0;
        for (var i = 0; i < n; i++)
        {
            successes += random.NextUniform() < p ? 1 : 0;
        }

        return successes;
    }

    private static double[] Normals(ref SplitMix64 random, int count, double shift)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = random.NextNormal() + (i % 2 * shift);
        }

        return values;
    }

    private static ScoreCounts Counts(double[] scores, Func<int, int> label)
    {
        var order = Enumerable.Range(0, scores.Length).GroupBy(i => scores[i]).OrderBy(g => g.Key).ToArray();
        return new ScoreCounts([.. order.Select(g => g.Key)], [.. order.Select(g => g.LongCount(i => label(i) == 0))], [.. order.Select(g => g.LongCount(i => label(i) == 1))]);
    }

    private static ScoreCounts Calibrated(ref SplitMix64 random)
    {
        double[] scores = new double[400], labels = new double[400];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = 0.05 + (0.8 * random.NextUniform());
            labels[i] = random.NextUniform() < scores[i] ? 1 : 0;
        }

        return Counts(scores, i => (int)labels[i]);
    }

    private static double HosmerLemeshow(ref SplitMix64 random)
    {
        var bins = CalibrationBins.Quantile(Calibrated(ref random), 10);
        return Tail.ChiSquared(CalibrationTests.HosmerLemeshow(bins), bins.Count);
    }

    private static FourfoldTable Fourfold(ref SplitMix64 random)
    {
        int a = Binomial(ref random, 30, 0.3), c = Binomial(ref random, 40, 0.3);
        return new FourfoldTable(a, 30 - a, c, 40 - c);
    }

    private static PairedCounts Pairs(ref SplitMix64 random, double firstOnly, double secondOnly)
    {
        var cells = new long[4];
        for (var i = 0; i < 80; i++)
        {
            var u = random.NextUniform();
            cells[u < 0.5 ? 0 : u < 0.5 + firstOnly ? 1 : u < 0.5 + firstOnly + secondOnly ? 2 : 3]++;
        }

        return new PairedCounts(cells[0], cells[1], cells[2], cells[3]);
    }

    private static Interval? AgrestiMin(ref SplitMix64 random) => Pairs(ref random, 0.2, 0.1).Interval(Level);

    private static PairedAuc Paired(ref SplitMix64 random)
    {
        bool[] positive = [.. Enumerable.Range(0, 240).Select(i => i % 2 == 1)];
        double[] common = Normals(ref random, 240, 1), a = Normals(ref random, 240, 0), b = Normals(ref random, 240, 0);
        return PairedAuc.Of([.. common.Zip(a, (x, y) => x + y)], [.. common.Zip(b, (x, y) => x + y)], positive);
    }

    private static MembershipPairs Audit(ref SplitMix64 random) =>
        MembershipPairs.Draw(Normals(ref random, 400, 0), Normals(ref random, 400, 0), 1000, (long)random.Next());

    private static double[] Uniforms(ref SplitMix64 random, int count)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = random.NextUniform();
        }

        return values;
    }

    private static Interval? Bootstrap(ref SplitMix64 random) => Resampled(ref random, Counts(Uniforms(ref random, 200), _ => 0), c => Probability.Mean(c, (s, _) => s).Mean);

    private static Interval? KolmogorovSmirnov(ref SplitMix64 random, int rowsOfALabel)
    {
        var counts = Counts(Normals(ref random, 2 * rowsOfALabel, shift: 1), i => i % 2);
        return Resampled(ref random, counts, Ranking.KolmogorovSmirnov)?.Turned(Ranking.KolmogorovSmirnov(counts), 0, 1);
    }

    private static Interval? Resampled(ref SplitMix64 random, ScoreCounts counts, Func<ScoreCounts, double> statistic) =>
        PoissonBootstrap.Intervals(counts, c => [statistic(c)], 200, (long)random.Next(), Level, CancellationToken.None)[0];
}
