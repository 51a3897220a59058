using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Cli.Verification;
using Governance.Client.Contracts;
using Governance.Core;

namespace Governance.Cli.Commands;

/// <summary><c>gov reproduce</c>: evidence computed again and compared.</summary>
internal static class ReproduceCommand
{
    public static Command Create(CommandFactory factory)
    {
        var evidence = new Argument<string>("evidence") { Description = "Digest of the evidence: sha256:…" };
        var engine = Values.Optional<string?>("--engine", "One of the gateway's engines [default: its usual one]; with --data: local, processes or slurm [default: local]");
        var data = Values.Optional<string?>("--data", "Data folder of a gateway, or a copy of it: computed here, without the gateway, and not recorded");
        var jobs = Values.Optional<string?>("--jobs", "with --data: folder of plan and results, on slurm one that every node sees [default: a temporary one]");
        return factory.Leaf("reproduce", "Have the gateway compute evidence again, on this or another engine, and compare; ends with 1 when it differs",
            ["gov reproduce sha256:0000000000000000000000000000000000000000000000000000000000000000 --engine processes --as victor",
             "gov reproduce sha256:0000000000000000000000000000000000000000000000000000000000000000 --data copy-of-data --engine processes"],
            [evidence, engine, data, jobs],
            async (run, cancellationToken) =>
            {
                if (!Digest.TryParse(run.Get(evidence), out var envelope))
                {
                    throw CliException.Usage("The evidence is named by its digest, as gov version show prints it: sha256: and 64 hexadecimal digits.");
                }

                if (run.Get(data) is { } folder)
                {
                    return await OfflineAsync(run, DataCopy.Open(folder), envelope, run.Get(engine) ?? "local", run.Get(jobs), cancellationToken);
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

    private static async Task<int> OfflineAsync(Invocation run, DataCopy copy, Digest envelope, string engine, string? jobs, CancellationToken cancellationToken)
    {
        if (engine is not ("local" or "processes" or "slurm"))
        {
            throw CliException.Usage("With --data the engine is local, processes or slurm.");
        }

        var folder = jobs ?? Directory.CreateTempSubdirectory("gov-reproduce-").FullName;
        try
        {
            var compared = await OfflineReproduction.RunAsync(copy, envelope, engine, Environment.ProcessorCount, folder, run, cancellationToken);
            run.Output.Result(compared, ReproductionView.Show);
            return compared.Same ? ExitCodes.Ok : ExitCodes.Different;
        }
        finally
        {
            if (jobs is null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
