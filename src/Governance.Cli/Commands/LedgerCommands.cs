using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Cli.Verification;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Ledger;

namespace Governance.Cli.Commands;

/// <summary><c>gov ledger</c>: reading and proving the logs.</summary>
internal static class LedgerCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("ledger", "The append-only logs: read, prove, verify",
        Verify(factory), Fsck(factory), Logs(factory), Tail(factory), Prove(factory), Keys(factory), CheckpointOf(factory));

    private static Command Verify(CommandFactory factory)
    {
        var folder = new Argument<string?>("folder") { Description = "A log's folder, or a copy of it; without it the gateway is asked", Arity = ArgumentArity.ZeroOrOne };
        var (keys, checkpoints, receipts) = Against();
        return factory.Leaf("verify", "Verify a log: offline in a folder, or by the gateway",
            ["gov ledger verify .data/ledger/inference --keys inference.keys --receipt receipt.tlog-proof", "gov ledger verify --as audrey"],
            [folder, keys, checkpoints, receipts],
            (run, cancellationToken) => run.Get(folder) is { } path
                ? Task.FromResult(Offline(run, LedgerFiles.Folder(path), LedgerVerifier.Verify, keys, checkpoints, receipts, cancellationToken))
                : AskAsync(run, cancellationToken));
    }

    private static Command Fsck(CommandFactory factory)
    {
        var folder = new Argument<string>("folder") { Description = "A log's folder, or a copy of it" };
        var (keys, checkpoints, receipts) = Against();
        return factory.Leaf("fsck", "Rebuild a log from its raw entries offline: every byte is read",
            ["gov ledger fsck copy-of/ledger/governance --keys governance.keys", "gov ledger fsck .data/ledger/inference --checkpoint last-month.checkpoint --json"],
            [folder, keys, checkpoints, receipts],
            (run, cancellationToken) =>
                Task.FromResult(Offline(run, LedgerFiles.Folder(run.Get(folder)), LedgerVerifier.Fsck, keys, checkpoints, receipts, cancellationToken)));
    }

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

    private static Command Keys(CommandFactory factory)
    {
        var log = Log();
        return factory.Leaf("keys", "Print the public keys that verify a log", ["gov ledger keys --log inference --as audrey > inference.keys"], [log],
            async (run, cancellationToken) =>
            {
                run.Output.Plain(await run.Client.GetLogKeysAsync(run.Get(log), cancellationToken));
                return ExitCodes.Ok;
            });
    }

    private static Command CheckpointOf(CommandFactory factory)
    {
        var log = Log();
        return factory.Leaf("checkpoint", "Print a log's newest signed checkpoint; keep it, and no later log can contradict it",
            ["gov ledger checkpoint --as audrey > 2026-03-31.checkpoint"], [log],
            async (run, cancellationToken) =>
            {
                run.Output.Plain(await run.Client.GetCheckpointAsync(run.Get(log), cancellationToken));
                return ExitCodes.Ok;
            });
    }

    private static (Option<string?> Keys, Option<string[]> Checkpoints, Option<string[]> Receipts) Against() =>
    (
        new Option<string?>("--keys") { Description = "The log's public keys, obtained elsewhere [default: those in the folder, which prove less]", HelpName = "file" },
        Values.Many("--checkpoint", "Checkpoint saved earlier: the log must extend it"),
        Values.Many("--receipt", "Receipt (tlog-proof) that must hold in the log"));

    private static int Offline(
        Invocation run, string folder, Func<string, VerificationRequest, CancellationToken, VerificationReport> verify,
        Option<string?> keys, Option<string[]> checkpoints, Option<string[]> receipts, CancellationToken cancellationToken)
    {
        var started = run.Terminal.Time.GetTimestamp();
        var request = new VerificationRequest
        {
            Keys = LedgerFiles.Keys(run.Get(keys)),
            SavedCheckpoints = [.. run.Get(checkpoints).Select(c => (ReadOnlyMemory<byte>)File.ReadAllBytes(InputFiles.Existing(c)))],
            Receipts = [.. run.Get(receipts).Select(r => LedgerFiles.Receipt(r, folder))],
        };
        var report = verify(folder, request, cancellationToken);
        run.Output.Result(LedgerVerdict.Of(report, run.Terminal.Time.GetElapsedTime(started)), LedgerViews.Verdict);
        return report.IsSound ? ExitCodes.Ok : ExitCodes.VerificationFailed;
    }

    private static async Task<int> AskAsync(Invocation run, CancellationToken cancellationToken)
    {
        var verdicts = new List<VerificationDetails>();
        foreach (var log in await run.Client.ListLogsAsync(cancellationToken))
        {
            verdicts.Add(await run.Client.VerifyLogAsync(log.Name, cancellationToken));
        }

        run.Output.Result<IReadOnlyList<VerificationDetails>>(verdicts, LedgerViews.Verification);
        return verdicts.TrueForAll(v => v.Verified) ? ExitCodes.Ok : ExitCodes.VerificationFailed;
    }

    private static Option<string> Log() => new("--log") { Description = "governance or inference", DefaultValueFactory = _ => "governance", HelpName = "name" };
}
