using System.Globalization;
using Governance.Core;
using Governance.Core.Inventory;
using Governance.Core.State;
using Governance.Serving;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;
using Governance.Serving.Watching;

namespace Governance.Benchmarks.Watching;

/// <summary>What counting an answer costs the request: 20 features in bins frozen on 10,000 rows, for requests of one row and of a hundred.</summary>
internal static class WatchingBenchmark
{
    private const int Features = 20;

    public static int Run(TextWriter output)
    {
        foreach (var rows in new[] { 1, 100 })
        {
            var random = new Random(1);
            var watch = new LiveWatch();
            var key = new ArmKey("credit", 1, RouteArm.Champion);
            watch.Restore(key);
            watch.Use(key, WatchProfile.Of(Scores(random, 10_000), [.. Enumerable.Range(0, Features).Select(f => "f" + f)], Values(random, 10_000)));
            var (route, scores) = (Route(), Scores(random, rows));
            var call = new InferenceCall(null, [.. Enumerable.Repeat("S", rows)], Values(random, rows), rows);
            var decisions = scores.Select(s => Governance.Serving.Decisions.Of(s, 0.5, 0)).ToArray();
            var (nanoseconds, bytes) = Timing.Measure(() => watch.Answered(route, call, scores, decisions, TimeSpan.FromMilliseconds(1)));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{rows,4} rows of {Features} features: {nanoseconds,8:F0} ns a request, {nanoseconds / rows,6:F0} ns a row, {bytes:F0} bytes allocated"));
        }

        return 0;
    }

    private static double[] Scores(Random random, int rows) => [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())];

    private static float[] Values(Random random, int rows) => [.. Enumerable.Range(0, rows * Features).Select(_ => random.NextSingle() * 1000)];

    private static RouteOutcome.Serves Route() => new(
        new RouteState("credit", "credit", 1, DateTimeOffset.UnixEpoch, 1),
        new VersionState
        {
            ModelId = "credit",
            Submission = new VersionSubmission
            {
                Number = 1, Artifact = Digest.Of("model"u8), Description = "", Features = [], TrainingDataset = "t", EvaluationDataset = "e", Threshold = 0.5, FavourablePrediction = 0,
            },
            SubmittedBy = "dana",
            SubmittedAt = DateTimeOffset.UnixEpoch,
            SubmittedPosition = 0,
        });
}
