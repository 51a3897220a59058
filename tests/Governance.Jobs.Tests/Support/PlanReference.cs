using System.Globalization;
using System.Text.Json.Nodes;

namespace Governance.Jobs.Tests.Support;

/// <summary>Plans of the default suite on real data, and the results of one process with one thread, computed once.</summary>
public sealed class PlanReference : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private SortedDictionary<string, string>? results;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task<SortedDictionary<string, string>> ResultsAsync()
    {
        await turn.WaitAsync(Token);
        try
        {
            if (results is null)
            {
                using var jobs = await MakeAsync(1);
                results = Results(await jobs.RunAsync("local", 1));
                Assert.True(results.Count > 15);
            }

            return results;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>A jobs folder with a plan laid out for some slots.</summary>
    internal static async Task<PlanJobs> MakeAsync(int slots)
    {
        SharedMaterial.SkipUnlessPresent("cases/taiwan_default");
        var folder = new TempFolder();
        var plan = await Gov.JsonAsync(
            ["plan", "make", "--case", Path.Combine(SharedMaterial.Root, "cases", "taiwan_default"), "--slots", slots.ToString(CultureInfo.InvariantCulture), "--jobs", folder.Path], Token);
        return new PlanJobs(folder, plan["path"]!.GetValue<string>());
    }

    /// <summary>The outcome of every check, by check; none may have failed.</summary>
    internal static SortedDictionary<string, string> Results(JsonNode outcome)
    {
        Assert.Empty(outcome["failures"]!.AsArray());
        return new SortedDictionary<string, string>(outcome["outcomes"]!.AsArray().ToDictionary(o => o!["check"]!.GetValue<string>(), o => o!.ToJsonString()), StringComparer.Ordinal);
    }

    public void Dispose() => turn.Dispose();
}

/// <summary>A jobs folder of its own with one plan.</summary>
internal sealed class PlanJobs(TempFolder folder, string plan) : IDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Shards => Path.Combine(Path.GetDirectoryName(plan)!, "shards");

    public Task<JsonNode> RunAsync(string engine, int slots, IReadOnlyDictionary<string, string>? environment = null) => Gov.JsonAsync(Arguments(engine, slots), Token, environment);

    public Gov Start(string engine, int slots, IReadOnlyDictionary<string, string>? environment) => Gov.Start([.. Arguments(engine, slots), "--json"], environment);

    /// <summary>Waits for the first sign of life of a shard.</summary>
    public async Task UntilStartedAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!Directory.Exists(Shards) || !Directory.EnumerateFiles(Shards, "*.beat").Any())
        {
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Number of the plan's stages.</summary>
    public int Stages => Document["stages"]!.AsArray().Count;

    /// <summary>Waits until so many jobs were handed to the engine.</summary>
    public Task UntilSubmittedAsync(int count) => UntilAsync(Path.Combine(Path.GetDirectoryName(plan)!, "jobs"), "*.json", count);

    /// <summary>Waits until every shard has left a report.</summary>
    public Task UntilReportedAsync() => UntilAsync(Shards, "*.json", Document["stages"]!.AsArray().Sum(s => s!["shards"]!.AsArray().Count));

    /// <summary>Reports of all shard runs.</summary>
    public IEnumerable<string> Reports() => Directory.EnumerateFiles(Shards, "*.json");

    /// <summary>The file of some check's result.</summary>
    public string SomeOutcome() => Directory.EnumerateFiles(Path.Combine(folder.Path, "results"), "*", SearchOption.AllDirectories)
        .First(f => File.ReadAllText(f).StartsWith("{\"check\"", StringComparison.Ordinal));

    public void Dispose() => folder.Dispose();

    private JsonNode Document => JsonNode.Parse(File.ReadAllText(plan))!;

    private static async Task UntilAsync(string folder, string pattern, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        while (!Directory.Exists(folder) || Directory.EnumerateFiles(folder, pattern).Count() < count)
        {
            await Task.Delay(100, limit.Token);
        }
    }

    private string[] Arguments(string engine, int slots) =>
        ["plan", "run", plan, "--engine", engine, "--slots", slots.ToString(CultureInfo.InvariantCulture), "--jobs", folder.Path];
}
