using Governance.Cli.Commands;
using Governance.Client.Contracts;
using Governance.Core.Evidence;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class ReproductionView
{
    public static void Show(IAnsiConsole console, ReproductionDetails compared)
    {
        Title(console, compared.Check, compared.Same);
        Draw.Fields(console,
            ("evidence", compared.Evidence.ToString()),
            ("comparison", compared.Comparison.ToString()),
            ("first on", compared.OriginalEngine),
            ("again on", $"{compared.Engine}; {compared.Platform}"),
            ("compared", Rule(compared.Tolerance)));
        Places(console, compared.Differences);
    }

    public static void Show(IAnsiConsole console, OfflineComparison compared)
    {
        Title(console, compared.Check, compared.Same);
        Draw.Fields(console,
            ("evidence", compared.Evidence.ToString()),
            ("first on", compared.OriginalEngine),
            ("again on", $"{compared.Engine}; {compared.Platform}"),
            ("compared", Rule(compared.Tolerance)),
            ("recorded", "no: only a gateway records a comparison"));
        Places(console, compared.Differences);
    }

    private static void Title(IAnsiConsole console, string check, bool same) => Draw.Title(console, same ? $"Reproduced: {check}" : $"The results of {check} differ");

    private static string Rule(double tolerance) => tolerance > 0 ? $"within {Draw.Number(tolerance)} of each number" : "by digest";

    private static void Places(IAnsiConsole console, IReadOnlyList<ResultDifference> differences)
    {
        if (differences.Count > 0)
        {
            Draw.Rows(console, ["where", "was", "is"], differences.Select(d => (IReadOnlyList<string>)[d.Place, d.Was ?? "absent", d.Is ?? "absent"]));
        }
    }
}
