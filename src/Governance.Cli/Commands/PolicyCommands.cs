using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;

namespace Governance.Cli.Commands;

/// <summary><c>gov policy</c>: the rules of the gates.</summary>
internal static class PolicyCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("policy", "The rules of the gates", Show(factory));

    private static Command Show(CommandFactory factory) =>
        factory.Leaf("show", "The policy pack in force", ["gov policy show --as carla"], [], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetPolicyAsync(cancellationToken), static (console, policy) =>
            {
                Draw.Title(console, $"{policy.Name} {policy.Version} ({policy.Policy.Abbreviated})");
                Draw.Rows(console, ["rule", "severity", "title", "citation"], policy.Rules.Select(r => (IReadOnlyList<string>)[r.Id, r.Severity, r.Title, r.Citation]));
            });
            return ExitCodes.Ok;
        });
}
