using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Checks;
using Governance.Core;
using Governance.Jobs.Plans;
using Governance.Jobs.Runs;
using Governance.Testing;

namespace Governance.Benchmarks.Jobs;

/// <summary>A plan of the standard checks on a reference case, as the command line makes and runs it.</summary>
/// <param name="Costs">Learned from the runs.</param>
internal sealed record RealPlan(CheckPlan Plan, CostModel Costs, List<RealPlan.Run> Runs)
{
    private const int Slots = 2;
    private const string Attack = "privacy.reference_attack";

    /// <param name="Efficiency">Sum of the shards' seconds / (wall seconds × slots).</param>
    public sealed record Run(string Item, string Case, int Rows, string Engine, int Slots, int Shards, double WallSeconds, double ShardSeconds, double Efficiency, string LoadAfter);

    /// <summary>Null without the reference case. Runs once in process to learn what checks cost, then laid out anew on Slurm, where there is one.</summary>
    public static async Task<RealPlan?> MeasureAsync(string name, int shadows, TempFolder folder, LocalSlurm? slurm, CancellationToken cancellationToken)
    {
        var material = Path.Combine(SharedMaterial.Root, "cases", name);
        if (!Directory.Exists(material))
        {
            return null;
        }

        var runs = new List<Run>();
        CheckPlan? plan = null;
        foreach (var engine in slurm is null ? ["local"] : new[] { "local", "slurm" })
        {
            var slots = Slots.ToString(CultureInfo.InvariantCulture);
            var made = await GovAsync(["plan", "make", "--case", material, "--slots", slots, "--launches", "10", "--jobs", folder.Path, .. Checks(shadows)], cancellationToken);
            var path = made["path"]!.GetValue<string>();
            plan = GovernanceJson.Deserialize<CheckPlan>(await File.ReadAllBytesAsync(path, cancellationToken));
            var outcome = await GovAsync(["plan", "run", path, "--engine", engine, "--slots", slots, "--no-cache", "--jobs", folder.Path], cancellationToken);
            var s = outcome["statistics"]!;
            runs.Add(new Run(
                "real_plan", name, plan.Evaluation.Rows, engine, Slots, s["shardRuns"]!.GetValue<int>(), s["wallSeconds"]!.GetValue<double>(), s["shardSeconds"]!.GetValue<double>(),
                Math.Round(s["shardSeconds"]!.GetValue<double>() / (s["wallSeconds"]!.GetValue<double>() * Slots), 3), File.ReadAllText("/proc/loadavg").Split(' ')[0]));
        }

        return new RealPlan(plan!, new JobsFolder(folder.Path).ReadCosts(), runs);
    }

    /// <summary>The plan without stages, over so many rows.</summary>
    public CheckPlan Draft(int rows) => Plan with { Stages = [], Evaluation = Plan.Evaluation with { Parts = [Plan.Evaluation.Parts[0] with { Rows = rows }] } };

    /// <summary>The standard checks, and for a longer plan an attack that trains so many shadow models.</summary>
    private static IEnumerable<string> Checks(int shadows) => shadows == 0
        ? []
        : [.. CheckCatalogue.Standard.Append(CheckCatalogue.Find(Attack)!).SelectMany(c => new[] { "--check", c.Descriptor.Id }), "--parameter", string.Create(CultureInfo.InvariantCulture, $"{Attack}.shadow_models={shadows}")];

    private static async Task<JsonNode> GovAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var gov = Path.Combine(SharedMaterial.RepositoryRoot, "src", "Governance.Cli", "bin", configuration, "net10.0", "gov.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [gov, .. arguments, "--json"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? JsonNode.Parse(output)! : throw new InvalidOperationException($"gov ended with {process.ExitCode}.");
    }
}
