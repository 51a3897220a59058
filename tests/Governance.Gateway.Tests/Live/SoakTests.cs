using System.Diagnostics;
using System.Globalization;
using System.Net;
using Governance.Gateway.Tests.Api;

namespace Governance.Gateway.Tests.Live;

/// <summary>
/// Half an hour, or as long as <c>GOVERNANCE_SOAK=minutes</c> says, of answers with another version promoted every ten seconds: no request fails, and what
/// the process holds is at the end what it was after the first third. Skipped without the variable. Load and gateway share the process, so that its heap can be seen.
/// </summary>
[Collection(nameof(LenderFixture))]
public sealed class SoakTests(LenderFixture lender)
{
    private const int Workers = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
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
        await gateway.TokenAsync("loans-app");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answers = new long[4];
        var workers = Enumerable.Range(0, Workers).Select(w => Task.Run(() => AskAsync(gateway, w, answers, stop.Token))).ToList();

        var sizes = new List<Size>();
        var (begun, swaps) = (Stopwatch.GetTimestamp(), 0);
        using var swap = new PeriodicTimer(BetweenSwaps);
        while (Stopwatch.GetElapsedTime(begun).TotalMinutes < minutes && await swap.WaitForNextTickAsync(Token))
        {
            Assert.DoesNotContain(workers, w => w.IsCompleted);
            (await Lender.PromoteAsync(gateway, 3 - swaps++ % 2)).MustBe(HttpStatusCode.Created);
            sizes.Add(Size.Now());
        }

        await stop.CancelAsync();
        await Task.WhenAll(workers);
        var (first, last) = (Size.Median(sizes[..(sizes.Count / 3)]), Size.Median(sizes[^(sizes.Count / 3)..]));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{minutes} min, {answers.Sum()} answers ({answers[2]} by version 2, {answers[3]} by version 3), {swaps} swaps.\nFirst third: {first}\nLast third:  {last}"));
        Assert.True(answers[2] > 0 && answers[3] > 0);
        Assert.True(last.Heap < first.Heap * 1.1 + (8 << 20), $"The heap grew: {first} to {last}");
        Assert.True(last.WorkingSet < first.WorkingSet * 1.2 + (64 << 20), $"The working set grew: {first} to {last}");
        Assert.True(last.Files <= first.Files + 20, $"Open files grew: {first} to {last}");
        Assert.True(last.Threads <= first.Threads + 20, $"Threads grew: {first} to {last}");
    }

    private static async Task AskAsync(TestGateway gateway, int worker, long[] answers, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(Pause);
        try
        {
            for (var i = 0; await pace.WaitForNextTickAsync(stop); i++)
            {
                var answer = (await gateway.PostAsync(Lender.Route, LiveRoute.Call($"SOAK-{worker}-{i % 500}", i % 50), "loans-app")).MustBe(HttpStatusCode.OK);
                Interlocked.Increment(ref answers[int.Parse(answer.Json["model_version"]!.GetValue<string>(), CultureInfo.InvariantCulture)]);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The time is over.
        }
    }

    /// <summary>What the process holds, after a full collection; bytes and counts.</summary>
    private sealed record Size(long Heap, long WorkingSet, int Files, int Threads)
    {
        public static Size Now()
        {
            var heap = GC.GetTotalMemory(forceFullCollection: true);
            using var process = Process.GetCurrentProcess();
            return new Size(heap, process.WorkingSet64, process.HandleCount, process.Threads.Count);
        }

        public static Size Median(IReadOnlyList<Size> sizes) => new(
            (long)Middle(sizes, s => s.Heap), (long)Middle(sizes, s => s.WorkingSet), (int)Middle(sizes, s => s.Files), (int)Middle(sizes, s => s.Threads));

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"heap {Heap / 1048576.0:0.0} MiB, working set {WorkingSet / 1048576.0:0} MiB, {Files} open files, {Threads} threads");

        private static double Middle(IReadOnlyList<Size> sizes, Func<Size, double> of) => sizes.Select(of).Order().ElementAt(sizes.Count / 2);
    }
}
