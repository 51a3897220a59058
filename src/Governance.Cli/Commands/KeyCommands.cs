using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;

namespace Governance.Cli.Commands;

/// <summary><c>gov keys</c>: the key that seals the payloads' keys.</summary>
internal static class KeyCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("keys", "The key-encryption key of the payloads: status, roll",
        Status(factory), Roll(factory));

    private static Command Status(CommandFactory factory) =>
        factory.Leaf("status", "Show the key, when it is due, and which old ones still exist", ["gov keys status --as audrey"], [], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetKeysAsync(cancellationToken), KeyViews.Show);
            return ExitCodes.Ok;
        });

    private static Command Roll(CommandFactory factory) =>
        factory.Leaf("roll", "Seal under a new key and destroy the old one now; makes executed erasures final (dpo, administrator)", ["gov keys roll --as dora"], [],
            async (run, cancellationToken) =>
            {
                run.Output.Result(await run.Client.RollKeysAsync(cancellationToken), KeyViews.Show);
                return ExitCodes.Ok;
            });
}
