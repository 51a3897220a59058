using System.Globalization;
using System.Text.Json;
using Governance.Testing;

namespace Governance.Benchmarks.Jobs;

/// <summary>
/// What engines cost and how plans scale: near-empty shards per engine, a real plan on Slurm at two slots, and the plan's own cost model simulated
/// to a thousand slots with the overheads measured before. One JSON line per item. Options: <c>--shards N</c>, <c>--rows N</c> of the simulated plan,
/// <c>--case NAME</c> of the reference cases, <c>--shadows N</c> to add an attack with so many shadow models, <c>--charts FOLDER</c> to draw into, <c>--skip overhead|plan</c>.
/// </summary>
internal static class JobsBenchmark
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task<int> RunAsync(string[] args)
    {
        var shards = int.Parse(Option(args, "--shards") ?? "1000", CultureInfo.InvariantCulture);
        var rows = int.Parse(Option(args, "--rows") ?? "1000000", CultureInfo.InvariantCulture);
        var skip = Option(args, "--skip");
        using var slurm = LocalSlurm.IsPossible ? LocalSlurm.Start() : null;
        var overheads = new List<EngineOverhead>();
        await foreach (var overhead in EngineOverhead.MeasureAsync(skip == "overhead" ? 1 : shards, slurm, CancellationToken.None))
        {
            overheads.Add(overhead);
            Print(overhead);
        }

        using var folder = new TempFolder();
        if (await RealPlan.MeasureAsync(Option(args, "--case") ?? "taiwan_default", int.Parse(Option(args, "--shadows") ?? "0", CultureInfo.InvariantCulture), folder, skip == "plan" ? null : slurm, CancellationToken.None) is not { } plan)
        {
            return 0;
        }

        plan.Runs.ForEach(Print);
        var curves = overheads.Select(o => ScaleOut.Simulate(plan.Draft(rows), plan.Costs, o)).ToList();
        curves.SelectMany(c => c.Points).ToList().ForEach(Print);
        if (Option(args, "--charts") is { } charts)
        {
            curves.ForEach(c => File.WriteAllText(Path.Combine(charts, $"scaling-{c.Engine}.svg"), c.Draw(rows)));
        }

        return 0;
    }

    private static void Print(object item) => Console.WriteLine(JsonSerializer.Serialize(item, item.GetType(), Json));

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
}
