using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Inventory;

namespace Governance.Cli.Commands;

/// <summary><c>gov finding</c>: what is wrong with a version, who mends it by when, and who verified it.</summary>
internal static class FindingCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("finding", "Findings about versions: raise, respond, close",
        Raise(factory), Respond(factory), Close(factory), Reopen(factory), List(factory), Show(factory));

    private static Command Raise(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        var title = Values.Required<string>("--title", "What is wrong, in one line");
        var description = Values.Required<string>("--description", "What is wrong, and how it shows");
        var severity = Values.Choice<FindingSeverity>("--severity", "How much it weighs");
        var owner = Values.Required<string>("--owner", "Subject of the person who mends it");
        var due = Values.Until("--due", "When it has to be closed");
        var rule = Values.Optional<string?>("--rule", "Rule of the policy it is about");
        var evidence = Values.Optional<string?>("--evidence", "Envelope digest it rests on");
        return factory.Leaf("raise", "Raise a finding; it holds for later versions too (validator)",
            ["gov finding raise home-loans 2 --severity high --title \"Overfits\" --description \"AUC falls by 0.06 out of time\" --owner dana --due 2027-01-31 --as victor"],
            [model, version, severity, title, description, owner, due, rule, evidence],
            async (run, cancellationToken) =>
            {
                var request = new RaiseFindingRequest(
                    run.Get(model), run.Get(version), run.Get(title), run.Get(description), run.Get(severity), run.Get(owner), run.Get(due)!.Value, run.Get(rule),
                    Envelope(run.Get(evidence)));
                run.Output.Result(await run.Client.RaiseFindingAsync(request, run.IdempotencyKey, cancellationToken), OversightViews.Finding);
                return ExitCodes.Ok;
            });
    }

    private static Command Respond(CommandFactory factory)
    {
        var id = Id();
        var response = Values.Required<string>("--response", "What was done, and how one sees that it helped");
        var evidence = Values.Optional<string?>("--evidence", "Envelope digest that shows it");
        return factory.Leaf("respond", "Say what was done about a finding (its owner)",
            ["gov finding respond home-loans.f1 --response \"Retrained without the leaking column\" --as dana"], [id, response, evidence],
            async (run, cancellationToken) =>
            {
                var answer = new AnswerFindingRequest(run.Get(response), Envelope(run.Get(evidence)));
                run.Output.Result(await run.Client.AnswerFindingAsync(run.Get(id), answer, run.IdempotencyKey, cancellationToken), OversightViews.Finding);
                return ExitCodes.Ok;
            });
    }

    private static Command Close(CommandFactory factory)
    {
        var id = Id();
        var role = Values.Word("--role", "Role to act in", "validator", "compliance", "committee");
        var verification = Values.Required<string>("--verification", "What you looked at to see that it is mended");
        return factory.Leaf("close", "Verify that a finding is mended (not its owner)",
            ["gov finding close home-loans.f1 --role validator --verification \"Replicated: the gap is 0.01\" --as victor"], [id, role, verification],
            async (run, cancellationToken) =>
            {
                var closure = new CloseFindingRequest(run.Get(role), run.Get(verification));
                run.Output.Result(await run.Client.CloseFindingAsync(run.Get(id), closure, run.IdempotencyKey, cancellationToken), OversightViews.Finding);
                return ExitCodes.Ok;
            });
    }

    private static Command Reopen(CommandFactory factory)
    {
        var id = Id();
        var reason = Values.Required<string>("--reason", "Why it is not mended");
        var due = Values.Until("--due", "When it has to be closed now");
        return factory.Leaf("reopen", "Send an answer back, or open a closed finding again",
            ["gov finding reopen home-loans.f1 --reason \"The gap is back on new data\" --due 2027-02-28 --as victor"], [id, reason, due],
            async (run, cancellationToken) =>
            {
                var reopening = new ReopenFindingRequest(run.Get(reason), run.Get(due)!.Value);
                run.Output.Result(await run.Client.ReopenFindingAsync(run.Get(id), reopening, run.IdempotencyKey, cancellationToken), OversightViews.Finding);
                return ExitCodes.Ok;
            });
    }

    private static Command List(CommandFactory factory)
    {
        var model = Values.Optional<string?>("--model", "Of this model only");
        var status = Values.Optional<string?>("--status", "open, answered or closed").AcceptOnlyFromAmong("open", "answered", "closed");
        var size = Values.PageSize();
        var token = Values.PageToken();
        return factory.Leaf("list", "List findings", ["gov finding list", "gov finding list --model home-loans --status open"], [model, status, size, token],
            async (run, cancellationToken) =>
            {
                var filter = new WorkFilter(run.Get(model), Status: run.Get(status));
                run.Output.Result(await run.Client.ListFindingsAsync(filter, new PageRequest(run.Get(size), run.Get(token)), cancellationToken), OversightViews.Findings);
                return ExitCodes.Ok;
            });
    }

    private static Command Show(CommandFactory factory)
    {
        var id = Id();
        return factory.Leaf("show", "Show a finding and what was said about it", ["gov finding show home-loans.f1"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetFindingAsync(run.Get(id), cancellationToken), OversightViews.Finding);
            return ExitCodes.Ok;
        });
    }

    private static Argument<string> Id() => new("finding") { Description = "Finding id, such as home-loans.f1" };

    private static Digest? Envelope(string? text) => text is null ? null
        : Digest.TryParse(text, out var digest) ? digest
        : throw CliException.Usage("--evidence is 'sha256:' and 64 hexadecimal digits.", "gov version show MODEL VERSION lists the evidence.");
}
