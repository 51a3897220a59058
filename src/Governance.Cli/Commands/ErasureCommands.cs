using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Core.Commands;

namespace Governance.Cli.Commands;

/// <summary><c>gov erasure</c>: a data subject's right to be forgotten.</summary>
internal static class ErasureCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("erasure", "Erasing a data subject (GDPR 17)",
        Request(factory), Approve(factory), Execute(factory), Show(factory), List(factory));

    private static Command Request(CommandFactory factory)
    {
        var subject = Values.Required<string>("--subject", "Identifier of the data subject as applications send it; '-' reads it from standard input");
        var ground = Values.Word("--ground", "Ground of GDPR 17(1)", [.. RequestErasure.Grounds]);
        return factory.Leaf("request", "Record a request (dpo)", ["gov erasure request --subject - --ground consent_withdrawn --as dora"], [subject, ground],
            async (run, cancellationToken) =>
            {
                var who = run.Get(subject) == "-" ? await run.Terminal.In.ReadLineAsync(cancellationToken) : run.Get(subject);
                if (string.IsNullOrWhiteSpace(who))
                {
                    throw CliException.Usage("There is no subject.");
                }

                run.Output.Result(
                    await run.Client.RequestErasureAsync(new RequestErasureRequest(who, run.Get(ground)), run.IdempotencyKey, cancellationToken), ErasureViews.Show);
                return ExitCodes.Ok;
            });
    }

    private static Command Approve(CommandFactory factory)
    {
        var id = Id();
        var role = Values.Word("--role", "Role to approve in", "owner", "compliance");
        return factory.Leaf("approve", "Approve a request; two people in two roles must (owner, compliance)", ["gov erasure approve 0198c0de --role owner --as olivia"], [id, role],
            async (run, cancellationToken) =>
            {
                run.Output.Result(
                    await run.Client.ApproveErasureAsync(run.Get(id), run.Get(role), run.IdempotencyKey, cancellationToken), ErasureViews.Show);
                return ExitCodes.Ok;
            });
    }

    private static Command Execute(CommandFactory factory)
    {
        var id = Id();
        return factory.Leaf("execute", "Destroy the subject's keys and records; cannot be undone (dpo)", ["gov erasure execute 0198c0de --as dora"], [id],
            async (run, cancellationToken) =>
            {
                run.Output.Result(await run.Client.ExecuteErasureAsync(run.Get(id), run.IdempotencyKey, cancellationToken), ErasureViews.Show);
                return ExitCodes.Ok;
            });
    }

    private static Command Show(CommandFactory factory)
    {
        var id = Id();
        return factory.Leaf("show", "Show a request", ["gov erasure show 0198c0de"], [id], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.GetErasureAsync(run.Get(id), cancellationToken), ErasureViews.Show);
            return ExitCodes.Ok;
        });
    }

    private static Command List(CommandFactory factory)
    {
        var size = Values.PageSize();
        var token = Values.PageToken();
        return factory.Leaf("list", "List requests", ["gov erasure list"], [size, token], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.ListErasuresAsync(new PageRequest(run.Get(size), run.Get(token)), cancellationToken), ErasureViews.List);
            return ExitCodes.Ok;
        });
    }

    private static Argument<string> Id() => new("erasure") { Description = "Erasure request id" };
}
