using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core.Inventory;

namespace Governance.Cli.Commands;

/// <summary><c>gov waiver</c>: exceptions from one rule, for one version in one environment, for a time.</summary>
internal static class WaiverCommands
{
    private static readonly string[] Approvers = ["owner", "validator", "compliance", "committee"];

    public static Command Create(CommandFactory factory) => CommandFactory.Group("waiver", "Waivers of a rule: request, approve, deny, renew, revoke, review",
        Request(factory), Approve(factory), Deny(factory), Renew(factory), Revoke(factory), Review(factory), List(factory), Show(factory));

    private static Command Request(CommandFactory factory)
    {
        var model = Values.Model();
        var version = Values.Version();
        var rule = Values.Required<string>("--rule", "The one rule, which must be waivable");
        var reason = Values.Required<string>("--reason", "Why the rule cannot be met now");
        var risk = Values.Required<string>("--risk", "What may go wrong, in figures");
        var control = Values.Required<string>("--control", "What limits the risk meanwhile");
        var exit = Values.Required<string>("--exit", "How the waiver becomes unnecessary");
        var expires = Values.Until("--expires", "When it ends");
        var target = Values.Choice<PromotionTarget>("--target", "The environment it is for", PromotionTarget.Champion);
        var emergency = new Option<bool>("--emergency") { Description = "Lowest level of approval now, reviewed by the committee after the fact" };
        return factory.Leaf("request", "Request a waiver (developer, owner)",
            ["gov waiver request home-loans 2 --rule performance-gap --reason \"Needs a year of new data\" --risk \"40 more defaults a year\" --control \"Limit 5,000 EUR\" --exit \"Retrain in March\" --expires 2027-01-31 --as dana"],
            [model, version, rule, reason, risk, control, exit, expires, target, emergency],
            async (run, cancellationToken) =>
            {
                var request = new RequestWaiverRequest(
                    run.Get(model), run.Get(version), run.Get(rule), run.Get(reason), run.Get(risk), run.Get(control), run.Get(exit), run.Get(expires)!.Value,
                    run.Get(target), run.Get(emergency));
                run.Output.Result(await run.Client.RequestWaiverAsync(request, run.IdempotencyKey, cancellationToken), OversightViews.Waiver);
                return ExitCodes.Ok;
            });
    }

    private static Command Approve(CommandFactory factory)
    {
        var id = Id();
        var role = Values.Word("--role", "Role to act in", Approvers);
        var comment = Values.Required<string>("--comment", "Why the risk is acceptable");
        return factory.Leaf("approve", "Agree to a waiver; people of two lines must, none of whom requested it",
            ["gov waiver approve home-loans.w1 --role owner --comment \"Within appetite\" --as olivia"], [id, role, comment],
            async (run, cancellationToken) =>
            {
                var approval = new ApproveWaiverRequest(run.Get(role), run.Get(comment));
                run.Output.Result(await run.Client.ApproveWaiverAsync(run.Get(id), approval, run.IdempotencyKey, cancellationToken), OversightViews.Waiver);
                return ExitCodes.Ok;
            });
    }

    private static Command Deny(CommandFactory factory)
    {
        var id = Id();
        var role = Values.Word("--role", "Role to act in", [.. Approvers, "dpo"]);
        var reason = Reason();
        return factory.Leaf("deny", "Refuse a requested waiver", ["gov waiver deny home-loans.w1 --role compliance --reason \"No control\" --as carla"], [id, role, reason],
            async (run, cancellationToken) =>
            {
                var denial = new DenyWaiverRequest(run.Get(role), run.Get(reason));
                run.Output.Result(await run.Client.DenyWaiverAsync(run.Get(id), denial, run.IdempotencyKey, cancellationToken), OversightViews.Waiver);
                return ExitCodes.Ok;
            });
    }

    private static Command Renew(CommandFactory factory)
    {
        var id = Id();
        var reason = Reason();
        var expires = Values.Until("--expires", "When the renewal ends");
        return factory.Leaf("renew", "Request that a waiver goes on: once, and approved one level higher",
            ["gov waiver renew home-loans.w1 --reason \"Data arrives in April\" --expires 2027-04-30 --as dana"], [id, reason, expires],
            async (run, cancellationToken) =>
            {
                var renewal = new RenewWaiverRequest(run.Get(reason), run.Get(expires)!.Value);
                run.Output.Result(await run.Client.RenewWaiverAsync(run.Get(id), renewal, run.IdempotencyKey, cancellationToken), OversightViews.Waiver);
                return ExitCodes.Ok;
            });
    }

    private static Command Revoke(CommandFactory factory)
    {
        var id = Id();
        var reason = Reason();
        return factory.Leaf("revoke", "Take a waiver back at once", ["gov waiver revoke home-loans.w1 --reason \"Losses above the estimate\" --as carla"], [id, reason],
            async (run, cancellationToken) =>
            {
                run.Output.Result(await run.Client.RevokeWaiverAsync(run.Get(id), run.Get(reason), run.IdempotencyKey, cancellationToken), OversightViews.Waiver);
                return ExitCodes.Ok;
            });
    }

    private static Command Review(CommandFactory factory)
    {
        var id = Id();
        var outcome = Values.Word("--outcome", "What the review found", "upheld", "overturned");
        var comment = Values.Required<string>("--comment", "What the committee looked at and concluded");
        return factory.Leaf("review", "Review an emergency waiver after the fact (committee)",
            ["gov waiver review home-loans.w1 --outcome upheld --comment \"The outage left no other way\" --as chris"], [id, outcome, comment],
            async (run, cancellationToken) =>
            {
                var review = new ReviewWaiverRequest(run.Get(outcome) == "upheld", run.Get(comment));
                run.Output.Result(await run.Client.ReviewWaiverAsync(run.Get(id), review, run.IdempotencyKey, cancellationToken), OversightViews.Waiver);
                return ExitCodes.Ok;
            });
    }

    private static Command List(CommandFactory factory)
    {
        var model = Values.Optional<string?>("--model", "Of this model only");
        var status = Values.Optional<string?>("--status", "Where they stand").AcceptOnlyFromAmong([.. Enum.GetNames<WaiverStatus>().Select(n => n.ToLowerInvariant())]);
        var size = Values.PageSize();
        var token = Values.PageToken();
        return factory.Leaf("list", "List waivers", ["gov waiver list", "gov waiver list --status active"], [model, status, size, token],
            async (run, cancellationToken) =>
            {
                var filter = new WorkFilter(run.Get(model), Status: run.Get(status));
                run.Output.Result(await run.Client.ListWaiversAsync(filter, new PageRequest(run.Get(size), run.Get(token)), cancellationToken), OversightViews.Waivers);
                return ExitCodes.Ok;
            });
    }

    private static Command Show(CommandFactory factory)
    {
        var id = Id();
        return factory.Leaf("show", "Show a waiver and who agreed to it", ["gov waiver show home-loans.w1"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetWaiverAsync(run.Get(id), cancellationToken), OversightViews.Waiver);
            return ExitCodes.Ok;
        });
    }

    private static Option<string> Reason() => Values.Required<string>("--reason", "Why");

    private static Argument<string> Id() => new("waiver") { Description = "Waiver id, such as home-loans.w1" };
}
