using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Governance.Gateway.Tests.Api;

namespace Governance.Gateway.Tests.Live;

/// <summary>
/// Half an hour, or as long as <c>GOVERNANCE_SOAK=minutes</c> says, of a thousand requests a second, single and in batches, in both audit modes, with another
/// version promoted every ten seconds: no request fails and nothing grows. Skipped without the variable. Load and gateway share the process, so that its heap can
/// be seen. What is bounded by design (docs/serving.md, Memory) gets to its bound in the first third; what is held at
/// least in the second and in the last is compared. In less than a quarter of an hour not everything gets there, and growth is only told.
/// </summary>
[Collection(nameof(LenderFixture))]
public sealed class SoakTests(LenderFixture lender)
{
    private const int Workers = 16;
    private const int BatchRows = 10;
    private const double LeastJudged = 15;
    private const string Bounded = "small-loans";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(16);
    private static readonly TimeSpan BetweenSwaps = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Swaps_every_ten_seconds_fail_no_request_and_nothing_grows()
    {
        var minutes = double.Parse(Environment.GetEnvironmentVariable("GOVERNANCE_SOAK") ?? "0", CultureInfo.InvariantCulture);
        Assert.SkipUnless(minutes > 0, "A soak: set GOVERNANCE_SOAK to minutes, 30 for the full one");
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        await LiveRoute.WithThirdAsync(gateway, LiveRoute.Other);
        await WithBoundedRouteAsync(gateway);
        await gateway.TokenAsync("loans-app");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answers = new ConcurrentDictionary<string, long>();
        var workers = Enumerable.Range(0, Workers).Select(w => Task.Run(() => AskAsync(gateway, w, answers, stop.Token))).ToList();

        var samples = new List<Sample>();
        var begun = Stopwatch.GetTimestamp();
        using var swap = new PeriodicTimer(BetweenSwaps);
        while (Stopwatch.GetElapsedTime(begun).TotalMinutes < minutes && await swap.WaitForNextTickAsync(Token))
        {
            foreach (var ended in workers.Where(w => w.IsCompleted))
            {
                await ended;
                Assert.Fail("A worker ended by itself.");
            }

            (await Lender.PromoteAsync(gateway, 3 - samples.Count % 2)).MustBe(HttpStatusCode.Created);
            samples.Add(new Sample(Stopwatch.GetElapsedTime(begun), answers.Values.Sum(), ProcessSize.Now()));
            TestContext.Current.SendDiagnosticMessage($"{samples.Count} swaps, {samples[^1]}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(workers);
        var third = samples.Count / 3;
        var (second, last) = (samples[third..^third], samples[^third..]);
        Tell(answers, samples, second, last);
        Assert.All(["2", "3"], version => Assert.True(answers[$"{Lender.Model} {version}"] > 0));
        var grown = minutes < LeastJudged ? [] : Growth(second, last).ToList();
        Assert.True(grown.Count == 0, string.Join('\n', grown));
    }

    /// <summary>
    /// What grew by more than a twentieth of 100 bytes kept of each request, and a fraction of a model kept of each swap. The promotions themselves are
    /// entries of the governance log, of which some hundred bytes each are kept as what happened. Of a log's files two stay open for each 256 MiB, and of the
    /// payload files, of which half an hour fills about twenty, sixteen.
    /// </summary>
    private static IEnumerable<string> Growth(List<Sample> second, List<Sample> last)
    {
        var (from, to) = (ProcessSize.Floor([.. second.Select(s => s.Size)]), ProcessSize.Floor([.. last.Select(s => s.Size)]));
        var (answers, swaps) = (last[0].Answers - second[0].Answers, second.Count);
        var allowed = (5 * answers) + (16L << 10) * swaps + (1 << 20);
        return new[]
        {
            ("Managed memory", to.Heap - from.Heap, allowed),
            ("Native memory", to.Native - from.Native, allowed),
            ("Resident memory", to.Resident - from.Resident, allowed + (8 << 20)),
            ("The number of open files", to.Files - from.Files, 20),
            ("The number of threads", to.Threads - from.Threads, 5),
        }
        .Where(g => g.Item2 > g.Item3).Select(g => $"{g.Item1} grew by {g.Item2}, {g.Item3} are allowed: {from} to {to}");
    }

    /// <summary>A model of tier 3 on the same data, whose route answers before its entries are on disk.</summary>
    private static async Task WithBoundedRouteAsync(TestGateway gateway)
    {
        const string Path = "/api/v1/models/" + Bounded;
        var registration = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(Lender.Registration(Bounded)))!.AsObject();
        registration["tier"] = "three";
        (await gateway.PostAsync("/api/v1/models", registration.ToJsonString(), "dana")).MustBe(HttpStatusCode.Created);
        (await gateway.PostAsync(Path + "/tier", new { tier = "three" }, "victor")).MustBe(HttpStatusCode.OK);
        (await gateway.UploadAsync(Path + "/versions", Lender.Version(Lender.Corrected, Lender.Reviewed), Lender.Corrected.Onnx.ToArray(), "dana")).MustBe(HttpStatusCode.Created);
        (await gateway.PostAsync(Path + "/versions/1/promotions", new { }, "olivia")).MustBe(HttpStatusCode.Created);
        (await gateway.PostAsync($"/api/v1/routes/{Bounded}/settings", new { audit = "asyncBounded" }, "olivia")).MustBe(HttpStatusCode.OK);
    }

    /// <summary>The first worker sends batches, three ask the bounded route, the others one decision at a time.</summary>
    private static async Task AskAsync(TestGateway gateway, int worker, ConcurrentDictionary<string, long> answers, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(Pause);
        var route = worker is > 0 and < 4 ? Bounded : Lender.Model;
        var bodies = Enumerable.Range(0, 50).Select(i => worker == 0 ? Batch(i) : Lender.Call($"SOAK-{worker}-{i}", i)).ToList();
        try
        {
            for (var i = 0; await pace.WaitForNextTickAsync(stop); i++)
            {
                var body = bodies[i % bodies.Count];
                body["id"] = $"soak-{worker}-{i}";
                var answer = (await gateway.PostAsync($"/v2/models/{route}/infer", body.ToJsonString(), "loans-app")).MustBe(HttpStatusCode.OK);
                answers.AddOrUpdate($"{route} {answer.Json["model_version"]!.GetValue<string>()}", 1, (_, count) => count + 1);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The time is over.
        }
    }

    private static JsonObject Batch(int number)
    {
        var call = Lender.Call("", number);
        var (parameters, input) = (call["parameters"]!.AsObject(), call["inputs"]![0]!.AsObject());
        parameters.Remove("subject_id");
        parameters["subject_ids"] = new JsonArray([.. Enumerable.Range(0, BatchRows).Select(row => JsonValue.Create($"SOAK-0-{number}-{row}"))]);
        input["shape"]![0] = BatchRows;
        input["data"] = new JsonArray([.. Enumerable.Range(0, BatchRows).SelectMany(_ => input["data"]!.AsArray()).Select(v => v!.DeepClone())]);
        return call;
    }

    private static void Tell(ConcurrentDictionary<string, long> answers, List<Sample> samples, List<Sample> second, List<Sample> last)
    {
        var lines = answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}: {a.Value} answers")
            .Append($"{answers.Values.Sum()} answers and {samples.Count} swaps in {samples[^1].Time.TotalMinutes:0.0} minutes")
            .Append($"Second third, least: {ProcessSize.Floor([.. second.Select(s => s.Size)])}")
            .Append($"Last third, least:   {ProcessSize.Floor([.. last.Select(s => s.Size)])}")
            .Concat(samples.Where((_, i) => i % 12 == 0).Select(s => s.ToString()));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', lines));
    }

    private sealed record Sample(TimeSpan Time, long Answers, ProcessSize Size)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time.TotalSeconds:0} s, {Answers} answers: {Size}");
    }
}
