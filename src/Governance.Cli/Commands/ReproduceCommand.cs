using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client.Contracts;
using Governance.Core;

namespace Governance.Cli.Commands;

/// <summary><c>gov reproduce</c>: evidence computed again and compared.</summary>
internal static class ReproduceCommand
{
    public static Command Create(CommandFactory factory)
    {
        var evidence = new Argument<string>("evidence") { Description = "Digest of the evidence: sha256:…" };
        var engine = RunCommands.Engine();
        return factory.Leaf("reproduce", "Have the gateway compute evidence again, on this or another engine, and compare; ends with 1 when it differs",
            ["gov reproduce sha256:0000000000000000000000000000000000000000000000000000000000000000 --engine processes --as victor"], [evidence, engine],
            async (run, cancellationToken) =>
            {
                if (!Digest.TryParse(run.Get(evidence), out var envelope))
                {
                    throw CliException.Usage("The evidence is named by its digest, as gov version show prints it: sha256: and 64 hexadecimal digits.");
                }

                var started = await run.Client.ReproduceAsync(envelope, run.Get(engine), run.IdempotencyKey, cancellationToken);
                var ended = await RunProgress.FollowAsync(run.Client.WatchRunAsync(started.Id, cancellationToken), run.Output, cancellationToken);
                if (ended.Status != RunStatus.Succeeded)
                {
                    run.Output.Result(ended, RunView.Show);
                    return RunCommands.ExitCode(ended.Status);
                }

                var compared = await run.Client.GetReproductionAsync(envelope, cancellationToken);
                run.Output.Result(compared, ReproductionView.Show);
                return compared.Same ? ExitCodes.Ok : ExitCodes.Different;
            });
    }
}
