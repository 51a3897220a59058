using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;

namespace Governance.Cli.Commands;

/// <summary><c>gov ledger</c>: reading and proving the logs.</summary>
internal static class LedgerCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("ledger", "The append-only logs: read, prove, verify",
        Logs(factory), Tail(factory), Prove(factory));

    private static Command Logs(CommandFactory factory) =>
        factory.Leaf("logs", "List the gateway's logs", ["gov ledger logs --as audrey"], [], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.ListLogsAsync(cancellationToken), LedgerViews.Logs);
            return ExitCodes.Ok;
        });

    private static Command Tail(CommandFactory factory)
    {
        var log = Log();
        var size = Values.PageSize();
        var token = Values.PageToken();
        return factory.Leaf("tail", "List the latest entries, newest first", ["gov ledger tail --as audrey", "gov ledger tail --log inference --page-size 10 --json"], [log, size, token],
            async (run, cancellationToken) =>
            {
                run.Output.Result(
                    await run.Client.ListEntriesAsync(run.Get(log), new PageRequest(run.Get(size), run.Get(token)), newestFirst: true, cancellationToken), LedgerViews.Entries);
                return ExitCodes.Ok;
            });
    }

    private static Command Prove(CommandFactory factory)
    {
        var index = new Argument<long>("index") { Description = "Entry, from 0" };
        var log = Log();
        return factory.Leaf("prove", "Fetch the proof that an entry is in the log", ["gov ledger prove 41 --log inference --as audrey > receipt.proof"], [index, log],
            async (run, cancellationToken) =>
            {
                run.Output.Plain(await run.Client.GetProofAsync(run.Get(log), run.Get(index), cancellationToken));
                return ExitCodes.Ok;
            });
    }

    internal static Option<string> Log() => new("--log") { Description = "governance or inference", DefaultValueFactory = _ => "governance", HelpName = "name" };
}
