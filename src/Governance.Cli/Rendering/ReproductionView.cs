using Governance.Client.Contracts;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class ReproductionView
{
    public static void Show(IAnsiConsole console, ReproductionDetails compared)
    {
        Draw.Title(console, compared.Same ? $"Reproduced: {compared.Check}" : $"The results of {compared.Check} differ");
        Draw.Fields(console,
            ("evidence", compared.Evidence.ToString()),
            ("comparison", compared.Comparison.ToString()),
            ("first on", compared.OriginalEngine),
            ("again on", $"{compared.Engine}; {compared.Platform}"),
            ("compared", compared.Tolerance > 0 ? $"within {Draw.Number(compared.Tolerance)} of each number" : "by digest"));
        if (compared.Differences.Count > 0)
        {
            Draw.Rows(console, ["where", "was", "is"], compared.Differences.Select(d => (IReadOnlyList<string>)[d.Place, d.Was ?? "absent", d.Is ?? "absent"]));
        }
    }
}
