using System.Globalization;
using Governance.Jobs.Shards;
using Spectre.Console;

namespace Governance.Cli.Rendering;

/// <summary>Draws what a shard did.</summary>
internal static class ShardViews
{
    public static void Reports(IAnsiConsole console, IReadOnlyList<ShardReport> reports)
    {
        foreach (var report in reports)
        {
            Report(console, report);
        }
    }

    public static void Report(IAnsiConsole console, ShardReport report)
    {
        Draw.Rows(console, ["work", "result", "seconds"], report.Items.Select(i => (IReadOnlyList<string>)
        [
            i.Work.ToString(),
            i.Failure is { } failure ? $"failed ({failure})" : i.Cached ? "was there" : i.Result!.Value.Abbreviated,
            i.Seconds.ToString("0.00", CultureInfo.InvariantCulture),
        ]));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Shard {report.Index} of plan {report.Plan.Abbreviated}: {report.Usage.WallSeconds:0.0} s, {report.Usage.CpuSeconds:0.0} s of processor time, {report.Usage.PeakMiB:0} MiB, on {report.Usage.Node} ({report.Usage.Device})."));
    }
}
