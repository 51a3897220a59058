using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Cli.Verification;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Ledger;

namespace Governance.Cli.Commands;

/// <summary><c>gov ledger</c>: reading, proving, verifying and exporting the logs: in a folder, over HTTP from tiles, or by the gateway.</summary>
internal static class LedgerCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("ledger", "The append-only logs: read, prove, verify, export",
        Verify(factory), Fsck(factory), Export(factory), Logs(factory), Tail(factory), Entry(factory), Prove(factory), Keys(factory), CheckpointOf(factory));

    private static Command Verify(CommandFactory factory)
    {
        var place = Place("A log's folder, a copy or an export of it, or the http address of its tiles; without it the gateway verifies its logs");
        var against = new AgainstOptions();
        var entries = new Option<long[]>("--entry") { Description = "Entry whose bytes and place must be proved; may be given several times", DefaultValueFactory = _ => [], HelpName = "index" };
        var sample = new Option<int>("--sample") { Description = "So many more entries, drawn at random", HelpName = "count" };
        sample.Validators.Add(r =>
        {
            if (!r.Errors.Any() && r.GetValueOrDefault<int>() is < 0 or > 100_000)
            {
                r.AddError("--sample is 0 to 100000.");
            }
        });
        return factory.Leaf("verify", "Verify a log quickly: signature, cosignatures, that it extends saved checkpoints, given entries and receipts",
            [
                "gov ledger verify .data/ledger/inference --keys inference.keys --since last-month.checkpoint --receipt receipt.tlog-proof --sample 100",
                "gov ledger verify http://127.0.0.1:5080/api/v1/ledger/logs/governance --keys governance.keys --policy witnesses.policy --as audrey",
                "gov ledger verify --as audrey",
            ],
            [place, .. against.All, entries, sample],
            async (run, cancellationToken) => run.Get(place) is { } given
                ? await JudgeAsync(
                    run, LogPlace.Of(run, given), against, (request, _) => request with { Entries = run.Get(entries), Sample = run.Get(sample) }, readAll: false, cancellationToken)
                : await AskAsync(run, cancellationToken));
    }

    private static Command Fsck(CommandFactory factory)
    {
        var place = new Argument<string>("place") { Description = "A log's folder, a copy or an export of it, or the http address of its tiles" };
        var against = new AgainstOptions();
        var payloads = new Option<string?>("--payloads") { Description = "Folder of the payload store: each payload that an entry names must be there, unchanged, or erased", HelpName = "folder" };
        return factory.Leaf("fsck", "Rebuild a log from its raw entries: every byte is read",
            ["gov ledger fsck copy-of/ledger/governance --keys governance.keys", "gov ledger fsck .data/ledger/inference --since last-month.checkpoint --payloads .data/payloads --json"],
            [place, .. against.All, payloads],
            (run, cancellationToken) => JudgeAsync(
                run, LogPlace.Of(run, run.Get(place)), against, (request, at) => LedgerFiles.WithPayloads(request, at, run.Get(payloads)), readAll: true, cancellationToken));
    }

    private static Command Export(CommandFactory factory)
    {
        var folder = new Argument<string>("folder") { Description = "A log's folder, at rest or being written" };
        var target = new Argument<string>("target") { Description = "Folder of the copy, for example on write-once storage" };
        var keys = KeysOption();
        return factory.Leaf("export", "Copy the sealed segments that a copy does not have yet; checked before they are named, and never written again",
            ["gov ledger export .data/ledger/inference /mnt/worm/inference --keys inference.keys"], [folder, target, keys], (run, cancellationToken) =>
            {
                var report = LedgerExport.Run(
                    new ExportRequest
                    {
                        Source = LedgerFiles.Folder(run.Get(folder)), Target = run.Get(target), Keys = LedgerFiles.Keys(run.Get(keys)), Time = run.Terminal.Time,
                    },
                    cancellationToken);
                run.Output.Result(report, LedgerViews.Exported);
                return Task.FromResult(ExitCodes.Ok);
            });
    }

    private static Command Logs(CommandFactory factory) =>
        factory.Leaf("logs", "List the gateway's logs", ["gov ledger logs --as audrey"], [], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.ListLogsAsync(cancellationToken), LedgerViews.Logs);
            return ExitCodes.Ok;
        });

    private static Command Tail(CommandFactory factory)
    {
        var place = Place("A log's folder or the http address of its tiles; without it the gateway is asked");
        var keys = KeysOption();
        var log = Log();
        var size = Values.PageSize();
        var token = Values.PageToken();
        return factory.Leaf("tail", "List the latest entries, newest first",
            ["gov ledger tail --as audrey", "gov ledger tail --log inference --page-size 10 --json", "gov ledger tail copy-of/ledger/governance --page-size 5"], [place, keys, log, size, token],
            async (run, cancellationToken) =>
            {
                var page = run.Get(place) is { } given
                    ? await LogPlace.Of(run, given).TailAsync(run.Get(keys), new PageRequest(run.Get(size), run.Get(token)), cancellationToken)
                    : await run.Client.ListEntriesAsync(run.Get(log), new PageRequest(run.Get(size), run.Get(token)), newestFirst: true, cancellationToken);
                run.Output.Result(page, LedgerViews.Entries);
                return ExitCodes.Ok;
            });
    }

    private static Command Entry(CommandFactory factory)
    {
        var index = Index();
        var log = Log();
        return factory.Leaf("entry", "Show one entry", ["gov ledger entry 41 --log inference --as audrey"], [index, log], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetEntryAsync(run.Get(log), run.Get(index), cancellationToken), LedgerViews.Entry);
            return ExitCodes.Ok;
        });
    }

    private static Command Prove(CommandFactory factory)
    {
        var index = Index();
        var place = Place("A log's folder or the http address of its tiles; without it the gateway is asked");
        var keys = KeysOption();
        var log = Log();
        return factory.Leaf("prove", "Print the proof that an entry is in the log",
            ["gov ledger prove 41 --log inference --as audrey > receipt.proof", "gov ledger prove 41 copy-of/ledger/inference --keys inference.keys > receipt.proof"], [index, place, keys, log],
            async (run, cancellationToken) =>
            {
                run.Output.Plain(run.Get(place) is { } given
                    ? (await LogPlace.Of(run, given).ProveAsync(run.Get(keys), run.Get(index), cancellationToken)).ToString()
                    : await run.Client.GetProofAsync(run.Get(log), run.Get(index), cancellationToken));
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

    private static async Task<int> JudgeAsync(
        Invocation run, LogPlace place, AgainstOptions against, Func<VerificationRequest, LogPlace, VerificationRequest> complete, bool readAll, CancellationToken cancellationToken)
    {
        var started = run.Terminal.Time.GetTimestamp();
        var request = complete(await against.RequestAsync(run, place, cancellationToken), place);
        var report = await place.JudgeAsync(request, readAll, cancellationToken);
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

    private static Argument<long> Index() => new("index") { Description = "Entry, from 0" };

    private static Argument<string?> Place(string description) => new("place") { Description = description, Arity = ArgumentArity.ZeroOrOne };

    private static Option<string?> KeysOption() => AgainstOptions.CreateKeys();
}
