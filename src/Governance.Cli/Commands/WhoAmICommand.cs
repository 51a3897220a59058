using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;

namespace Governance.Cli.Commands;

/// <summary><c>gov whoami</c>: what the gateway takes the caller for.</summary>
internal static class WhoAmICommand
{
    public static Command Create(CommandFactory factory) =>
        factory.Leaf("whoami", "Who the gateway takes you for", ["gov whoami --as dana"], [], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetMeAsync(cancellationToken), static (console, me) => Draw.Fields(console,
                ("subject", me.Subject), ("name", me.Name), ("kind", Draw.Word(me.Kind)), ("roles", string.Join(", ", me.Roles))));
            return ExitCodes.Ok;
        });
}
