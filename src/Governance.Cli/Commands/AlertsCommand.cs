using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;

namespace Governance.Cli.Commands;

/// <summary><c>gov alerts</c>: what somebody has to look at.</summary>
internal static class AlertsCommand
{
    public static Command Create(CommandFactory factory) => factory.Leaf(
        "alerts", "What somebody has to look at now: lapsed waivers, reviews due, overdue findings", ["gov alerts", "gov alerts --json"], [],
        async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.ListAlertsAsync(cancellationToken), OversightViews.Alerts);
            return ExitCodes.Ok;
        });
}
