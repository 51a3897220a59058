using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Client.Contracts;

namespace Governance.Cli.Commands;

/// <summary><c>gov review</c>: decisions that wait for a person.</summary>
internal static class ReviewCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("review", "Decisions that wait for a person: take, confirm, override",
        List(factory), Show(factory), Claim(factory), Release(factory), Decide(factory), Figures(factory));

    private static Command List(CommandFactory factory)
    {
        var (route, size, token) = (Values.Optional<string?>("--route", "Of this route"), Values.PageSize(), Values.PageToken());
        return factory.Leaf("list", "List decisions that wait, longest first", ["gov review list", "gov review list --route home-loans"], [route, size, token],
            async (run, cancellationToken) =>
            {
                run.Output.Result(await run.Client.ListReviewsAsync(run.Get(route), new PageRequest(run.Get(size), run.Get(token)), cancellationToken), ReviewViews.List);
                return ExitCodes.Ok;
            });
    }

    private static Command Show(CommandFactory factory)
    {
        var id = Id();
        return factory.Leaf("show", "Show a review; what the decision rests on only to who has it", ["gov review show 4711 --as rosa"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetReviewAsync(run.Get(id), cancellationToken), ReviewViews.Show);
            return ExitCodes.Ok;
        });
    }

    private static Command Claim(CommandFactory factory)
    {
        var id = Id();
        return factory.Leaf("claim", "Take a review for a while, and see what the decision rests on (reviewer)", ["gov review claim 4711 --as rosa"], [id],
            async (run, cancellationToken) =>
            {
                run.Output.Result(await run.Client.ClaimReviewAsync(run.Get(id), cancellationToken), ReviewViews.Show);
                return ExitCodes.Ok;
            });
    }

    private static Command Release(CommandFactory factory)
    {
        var id = Id();
        return factory.Leaf("release", "Give a claimed review back (reviewer)", ["gov review release 4711 --as rosa"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.ReleaseReviewAsync(run.Get(id), cancellationToken), ReviewViews.Show);
            return ExitCodes.Ok;
        });
    }

    private static Command Decide(CommandFactory factory)
    {
        var id = Id();
        var outcome = Values.Word("--outcome", "What holds", "confirmed", "overridden");
        var reason = Values.Required<string>("--reason", "What was looked at, and why; sealed with the decision");
        return factory.Leaf("decide", "Confirm or override a claimed decision (reviewer)",
            ["gov review decide 4711 --outcome overridden --reason 'Income confirmed by payslip' --as rosa"], [id, outcome, reason],
            async (run, cancellationToken) =>
            {
                run.Output.Result(
                    await run.Client.DecideReviewAsync(run.Get(id), new DecideReviewRequest(run.Get(outcome), run.Get(reason)), cancellationToken), ReviewViews.Show);
                return ExitCodes.Ok;
            });
    }

    private static Command Figures(CommandFactory factory) => factory.Leaf("figures", "How reviews went, by route and version", ["gov review figures"], [], async (run, cancellationToken) =>
    {
        run.Output.Result(await run.Client.GetReviewFiguresAsync(cancellationToken), ReviewViews.Figures);
        return ExitCodes.Ok;
    });

    private static Argument<long> Id() => new("review") { Description = "Number of the decision in the inference log: audit_index of the answer" };
}
