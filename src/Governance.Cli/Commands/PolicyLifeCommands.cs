using System.CommandLine;
using System.Globalization;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Cli.Verification;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Policy.Gates;
using Governance.Policy.Life;

namespace Governance.Cli.Commands;

/// <summary>The part of <c>gov policy</c> that changes what is in force: dry run, proposal, approval.</summary>
internal static class PolicyLifeCommands
{
    public static Command DryRun(CommandFactory factory)
    {
        var folder = Folder();
        var data = Values.Optional<string?>("--data", "Data folder of a gateway, or a copy of it: recorded decisions are made again here, without the gateway");
        return factory.Leaf("dry-run", "What a pack would change: versions in service and recorded decisions, decided again",
            ["gov policy dry-run policies/starter --as carla", "gov policy dry-run policies/starter --data copy-of-data --json"], [folder, data],
            async (run, cancellationToken) =>
            {
                var archive = Archive(run.Get(folder));
                var report = run.Get(data) is { } copy
                    ? Offline(DataCopy.Open(copy), Require(archive, run.Get(folder)), cancellationToken)
                    : await AskAsync(run, archive, cancellationToken);
                run.Output.Result(report, PolicyViews.DryRun);
                return ExitCodes.Ok;
            });
    }

    public static Command Propose(CommandFactory factory)
    {
        var folder = new Argument<string?>("folder") { Description = "Folder of the policy pack", Arity = ArgumentArity.ZeroOrOne };
        var archive = Values.Optional<string?>("--archive", "Archive digest of an earlier release, to go back to it, instead of a folder");
        var comment = Values.Required<string>("--comment", "What changes and why");
        var from = Values.Optional<string?>("--effective-from", "When it comes into force, such as 2027-01-01 or 2027-01-01T06:00:00Z [default: on approval]");
        return factory.Leaf("propose", "Propose a pack: checked, tested and dry-run by the gateway, then approved by somebody else (validator, committee, compliance)",
            [
                "gov policy propose policies/starter --comment \"Gini of tier 1 from 0.40 to 0.45\" --effective-from 2027-01-01 --as victor",
                "gov policy propose --archive sha256:... --comment \"Back to 1.0.0\" --as victor",
            ],
            [folder, archive, comment, from],
            async (run, cancellationToken) =>
            {
                var pack = (run.Get(folder), run.Get(archive)) switch
                {
                    ({ } path, null) => Files(Archive(path)),
                    (null, { } text) => new PolicyFiles(Archive: Digest.TryParse(text, out var digest) ? digest : throw CliException.Usage("--archive is 'sha256:' and 64 hexadecimal digits.")),
                    _ => throw CliException.Usage("Give the folder of a pack, or --archive of an earlier release."),
                };
                run.Output.Result(
                    await run.Client.ProposePolicyAsync(new ProposePolicyRequest(pack, run.Get(comment), Instant(run.Get(from))), run.IdempotencyKey, cancellationToken),
                    PolicyViews.Proposal);
                return ExitCodes.Ok;
            });
    }

    public static Command Approve(CommandFactory factory)
    {
        var id = Id();
        var archive = Values.Required<string>("--archive", "The archive digest shown with the proposal: what exactly you approve");
        var comment = Values.Required<string>("--comment", "What you looked at and concluded");
        return factory.Leaf("approve", "Approve somebody else's proposal (compliance)",
            ["gov policy approve 0198c0de --archive sha256:... --comment \"Looked at the dry run\" --as carla"], [id, archive, comment],
            async (run, cancellationToken) =>
            {
                if (!Digest.TryParse(run.Get(archive), out var shown))
                {
                    throw CliException.Usage("--archive is 'sha256:' and 64 hexadecimal digits.", "gov policy proposal ID prints it.");
                }

                run.Output.Result(
                    await run.Client.ApprovePolicyAsync(run.Get(id), new ApprovePolicyRequest(shown, run.Get(comment)), run.IdempotencyKey, cancellationToken), PolicyViews.Proposal);
                return ExitCodes.Ok;
            });
    }

    public static Command Withdraw(CommandFactory factory)
    {
        var id = Id();
        var reason = Values.Required<string>("--reason", "Why");
        return factory.Leaf("withdraw", "Take back a proposal that is not in force (who proposed it, or compliance)",
            ["gov policy withdraw 0198c0de --reason \"Wrong limit\" --as victor"], [id, reason],
            async (run, cancellationToken) =>
            {
                run.Output.Result(
                    await run.Client.WithdrawPolicyAsync(run.Get(id), new WithdrawPolicyRequest(run.Get(reason)), run.IdempotencyKey, cancellationToken), PolicyViews.Proposal);
                return ExitCodes.Ok;
            });
    }

    public static Command Proposal(CommandFactory factory)
    {
        var id = Id();
        return factory.Leaf("proposal", "Show a proposal and its dry run", ["gov policy proposal 0198c0de --as carla"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetPolicyProposalAsync(run.Get(id), cancellationToken), PolicyViews.Proposal);
            return ExitCodes.Ok;
        });
    }

    public static Command List(CommandFactory factory)
    {
        var size = Values.PageSize();
        return factory.Leaf("list", "List releases and proposals", ["gov policy list --as audrey"], [size], async (run, cancellationToken) =>
        {
            var page = new PageRequest(run.Get(size), null);
            var result = new PolicyList(
                (await run.Client.ListPolicyReleasesAsync(page, cancellationToken)).Items, (await run.Client.ListPolicyProposalsAsync(page, cancellationToken)).Items);
            run.Output.Result(result, PolicyViews.List);
            return ExitCodes.Ok;
        });
    }

    public static PackArchive Archive(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? PackArchive.Read(folder) : throw CliException.NotFound($"There is no folder {folder}.");
        }
        catch (FormatException e)
        {
            throw CliException.Invalid($"{folder}: {e.Message}");
        }
    }

    public static PolicyPack Require(PackArchive archive, string folder) =>
        archive.Load().Pack ?? throw CliException.Invalid($"The policy pack in {folder} has faults.", $"See: gov policy lint {folder}");

    private static async Task<DryRunReport> AskAsync(Invocation run, PackArchive archive, CancellationToken cancellationToken)
    {
        var told = -1;
        await foreach (var step in run.Client.DryRunPolicyAsync(Files(archive), cancellationToken))
        {
            if (step.Report is { } report)
            {
                return report;
            }

            var tenth = step.Total == 0 ? 10 : step.Done * 10 / step.Total;
            if (tenth > told)
            {
                told = tenth;
                run.Output.Note(string.Create(CultureInfo.InvariantCulture, $"{step.Done} of {step.Total} decided again"));
            }
        }

        throw new CliException(ExitCodes.Unavailable, "The dry run broke off before its report.", "Ask again.");
    }

    /// <summary>Recorded decisions only: what is in service now needs the gateway's keys.</summary>
    private static DryRunReport Offline(DataCopy copy, PolicyPack candidate, CancellationToken cancellationToken)
    {
        var release = copy.State.Policies.At(copy.State.Time);
        if (release?.Archive is not { } digest || copy.Read(digest) is not { } bytes || PackArchive.Parse(bytes).Load().Pack is not { } current)
        {
            throw new CliException(ExitCodes.VerificationFailed, "The files of the pack in force are missing from this folder, or were altered.");
        }

        var past = copy.Events.Where(e => e.Event is GateDecided).Select(e => new PastDecision(e.Position, e.Time, (GateDecided)e.Event)).Reverse().ToList();
        return PolicyDryRun.Run(current, candidate, [], past, copy.Read, progress: null, cancellationToken);
    }

    private static PolicyFiles Files(PackArchive archive) => new(archive.Files, archive.Tests);

    private static DateTimeOffset? Instant(string? text) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant) ? instant
        : throw CliException.Usage("--effective-from is a date such as 2027-01-01 or a time such as 2027-01-01T06:00:00Z.");

    private static Argument<string> Folder() => new("folder") { Description = "Folder of the policy pack" };

    private static Argument<string> Id() => new("proposal") { Description = "Proposal id" };
}
