using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Governance.Checks;
using Governance.Checks.Explainability;
using Governance.Checks.Explainability.Reasons;
using Governance.Checks.Statistics;
using Governance.Data;
using Governance.Data.Cases;
using Governance.Jobs;
using Governance.Models;
using Governance.Models.Attribution;
using Governance.Models.Onnx;
using Governance.Models.Structure;
using Governance.Testing;

namespace Governance.Benchmarks.Checks;

/// <summary>
/// Explanations and metrics beside the peers' figures of shared/reference/peer-baselines.md; one JSON line per item. Explainers are built outside the
/// timer, as there; their making is reported beside. Median of five runs after one warm-up.
/// </summary>
internal static class ChecksBenchmark
{
    private const int Runs = 5;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var only = arguments.FirstOrDefault();
        bool Wanted(string item) => only is null || item.StartsWith(only, StringComparison.Ordinal);
        if (!Directory.Exists(Path.Combine(SharedMaterial.Root, "cases", "taiwan_default")))
        {
            await Console.Error.WriteLineAsync("The reference case taiwan_default is not there; set GOVERNANCE_SHARED.");
            return 1;
        }

        var reference = await ReferenceCase.LoadAsync(Path.Combine(SharedMaterial.Root, "cases", "taiwan_default"), CancellationToken.None);
        if (Wanted("treeshap"))
        {
            Shap(reference, "xgboost", peerInterventional: 422, peerPathDependent: 4580);
            Shap(reference, "random_forest", peerInterventional: 50, peerPathDependent: 347);
            Shap(reference, "lightgbm", null, null);
            Backgrounds(reference);
        }

        if (Wanted("reasons"))
        {
            Reasons(reference);
        }

        if (Wanted("metrics"))
        {
            await MetricsAsync();
        }

        if (Wanted("csv"))
        {
            await CsvBenchmark.RunAsync();
        }

        if (Wanted("suite"))
        {
            await SuiteAsync(reference);
        }

        return 0;
    }

    private static TreeStructure Trees(ReferenceCase reference, string model) => (TreeStructure)StructureReader.Read(Scan(reference, model), reference.Features).Structure!;

    private static ScannedModel Scan(ReferenceCase reference, string model) =>
        OnnxScanner.Scan(File.ReadAllBytes(reference.Models.Single(m => m.Name == model).Path), OnnxLimits.Default).Model!;

    private static void Shap(ReferenceCase reference, string model, double? peerInterventional, double? peerPathDependent)
    {
        var trees = Trees(reference, model);
        var players = PlayerSet.OfFeatures(reference.Features);
        FeatureMatrix train = FeatureMatrix.Of(reference.Train, reference.Features), test = FeatureMatrix.Of(reference.Test, reference.Features);
        var contributions = new double[test.RowCount * players.Count];
        Item($"treeshap background 100, {model}", 100, () => TreeExplainer.Interventional(trees, players, train.Values.Span[..(100 * players.Count)], CancellationToken.None), peerInterventional);
        var covers = TreeCovers.Recount(trees, train.Values.Span, CancellationToken.None);
        Item($"treeshap path-dependent, {model}", null, () => TreeExplainer.PathDependent(trees, players, covers), peerPathDependent);

        void Item(string name, int? background, Func<TreeExplainer> make, double? peer)
        {
            var (making, _) = Time(() => make(), 1);
            var explainer = make();
            var (seconds, bytes) = Time(() => explainer.Explain(test.Values.Span, contributions, CancellationToken.None));
            var rate = test.RowCount / seconds;
            Line(new
            {
                item = name, rows = test.RowCount, background, threads = 1, seconds, rows_per_second = rate, allocated_bytes = bytes, build_seconds = making,
                peer_rows_per_second = peer, times_peer = rate / peer,
            });
        }
    }

    private static void Backgrounds(ReferenceCase reference)
    {
        var trees = Trees(reference, "xgboost");
        var players = PlayerSet.OfFeatures(reference.Features);
        FeatureMatrix train = FeatureMatrix.Of(reference.Train, reference.Features), test = FeatureMatrix.Of(reference.Test, reference.Features);
        var contributions = new double[test.RowCount * players.Count];
        foreach (var size in new[] { 10, 100, 1_000, 10_000 })
        {
            var (making, _) = Time(() => TreeExplainer.Interventional(trees, players, train.Values.Span[..(size * players.Count)], CancellationToken.None));
            var explainer = TreeExplainer.Interventional(trees, players, train.Values.Span[..(size * players.Count)], CancellationToken.None);
            var (seconds, _) = Time(() => explainer.Explain(test.Values.Span, contributions, CancellationToken.None));
            Line(new { item = "treeshap background size, xgboost", background = size, rows = test.RowCount, threads = 1, seconds, build_seconds = making, rows_per_second_with_build = test.RowCount / (seconds + making) });
        }
    }

    private static void Reasons(ReferenceCase reference)
    {
        foreach (var model in new[] { "xgboost", "lightgbm", "random_forest", "logistic_regression" })
        {
            using var scorer = new OnnxScorer(Scan(reference, model), reference.Features);
            FeatureMatrix train = FeatureMatrix.Of(reference.Train, reference.Features), test = FeatureMatrix.Of(reference.Test, reference.Features);
            var scores = new double[train.RowCount];
            scorer.Score(train.Values.Span, scores, CancellationToken.None);
            var near = FeatureRows.Gather(reference.Train, reference.Features, NearCutoff.Rows(scores, reference.Threshold, reference.FavourablePrediction, 100));
            var explainer = ReasonCodeExplainer.Create(scorer, new Dictionary<string, FeatureRule>(), near, reference.FavourablePrediction, 4, 0, CancellationToken.None);
            var reasons = new int[explainer.MaxReasons];
            var shortfalls = new double[explainer.Codes.Count];
            var times = new double[2_000];
            for (var pass = 0; pass < 2; pass++)
            {
                for (var i = 0; i < times.Length; i++)
                {
                    var start = Stopwatch.GetTimestamp();
                    explainer.Explain(test.Row(i), reasons, shortfalls);
                    times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                }
            }

            Array.Sort(times);
            var row = 0;
            var (_, bytes) = Timing.Measure(() => explainer.Explain(test.Row(row++ % 1000), reasons, shortfalls));
            Line(new { item = $"reason codes of one row, {model}", background = 100, threads = 1, p50_us = times[1000], p99_us = times[1980], max_us = times[^1], allocated_bytes_per_row = bytes });
        }
    }

    private static async Task MetricsAsync()
    {
        const int Rows = 1_000_000;
        var random = new SeededRandom(1);
        double[] labels = new double[Rows], scores = new double[Rows];
        float[] stored = new float[Rows];
        int[] sex = new int[Rows], race = new int[Rows];
        for (var i = 0; i < Rows; i++)
        {
            labels[i] = random.Chance(0.5) ? 1 : 0;
            scores[i] = Math.Clamp(0.4 + (0.2 * labels[i]) + (0.15 * random.NextNormal()), 0, 1);
            stored[i] = i;
            sex[i] = random.Chance(0.5) ? 1 : 0;
            var u = random.NextDouble();
            race[i] = u < 0.6 ? 0 : u < 0.8 ? 1 : u < 0.9 ? 2 : u < 0.96 ? 3 : 4;
        }

        var table = new DataTable([
            new Float32Column("row", ColumnRole.Feature, stored), new Float64Column("label", ColumnRole.Label, labels),
            new CategoryColumn("sex", ColumnRole.Protected, sex, ["f", "m"]), new CategoryColumn("race", ColumnRole.Protected, race, ["a", "b", "c", "d", "e"]),
        ]);
        CheckInput Input() => new()
        {
            Evaluation = table, Model = new Stored(scores), Threshold = 0.5, FavourablePrediction = 1, Seed = 1,
            ReferenceGroups = new Dictionary<string, string> { ["sex"] = "m", ["race"] = "a" },
        };
        var (auc, _) = Time(() => Ranking.Auc(ScoreCounts.OfRows(scores, labels)));
        Line(new { item = "AUC with DeLong interval", rows = Rows, threads = 1, seconds = auc, rows_per_second = Rows / auc, peer_seconds_without_interval = 0.318, target_seconds = 0.3 });
        foreach (var id in new[] { "fairness.group_rates", "validation.discrimination" })
        {
            var input = Input();
            _ = input.EvaluationScores;
            var engine = new InMemoryMapReduce(2);
            var start = Stopwatch.GetTimestamp();
            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
            await engine.RunAsync(CheckCatalogue.Find(id)!, input, 16, null, CancellationToken.None);
            Line(new { item = $"{id}, 2 attributes, all intervals", rows = Rows, threads = 2, seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, cpu_seconds = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds });
        }
    }

    private static async Task SuiteAsync(ReferenceCase reference)
    {
        foreach (var model in reference.Models)
        {
            using var scorer = new OnnxScorer(Scan(reference, model.Name), reference.Features);
            var input = new CheckInput
            {
                Evaluation = reference.TestWithReference(model.Name), Training = reference.Train, Model = scorer, Threshold = reference.Threshold,
                FavourablePrediction = reference.FavourablePrediction, ReferenceGroups = reference.ReferenceGroups, Seed = 1,
            };
            var engine = new InMemoryMapReduce(2);
            var total = Stopwatch.GetTimestamp();
            foreach (var check in CheckCatalogue.All)
            {
                if (check.WhyNotApplicable(input) is not null)
                {
                    continue;
                }

                var cpu = Process.GetCurrentProcess().TotalProcessorTime;
                var start = Stopwatch.GetTimestamp();
                await engine.RunAsync(check, input, 8, null, CancellationToken.None);
                Line(new { item = $"suite {model.Name}: {check.Descriptor.Id}", seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, cpu_seconds = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds });
            }

            Line(new { item = $"suite {model.Name}", rows = reference.Test.RowCount, threads = 2, seconds = Stopwatch.GetElapsedTime(total).TotalSeconds, target_seconds = 20, peak_memory_bytes = Process.GetCurrentProcess().PeakWorkingSet64 });
        }
    }

    private static (double Seconds, long Bytes) Time(Action work, int runs = Runs)
    {
        work();
        var times = new double[runs];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / runs;
        Array.Sort(times);
        return (times[runs / 2], bytes);
    }

    private static void Line<T>(T item) => Console.WriteLine(JsonSerializer.Serialize(item));

    private sealed class Stored(double[] scores) : IScorer
    {
        public IReadOnlyList<string> Features { get; } = ["row"];

        public void Score(ReadOnlySpan<float> features, Span<double> answers, CancellationToken cancellationToken)
        {
            for (var i = 0; i < answers.Length; i++)
            {
                answers[i] = scores[(int)features[i]];
            }
        }
    }
}
