using System.CommandLine;
using Governance.Cli.Shell;
using Governance.Cli.Witnessing;
using Governance.Ledger;

namespace Governance.Cli.Commands;

/// <summary><c>gov witness</c>: a small witness of our own (C2SP tlog-witness).</summary>
internal static class WitnessCommand
{
    public static Command Create(CommandFactory factory)
    {
        var name = Values.Required<string>("--name", "The witness's name: an address without scheme, such as witness.example.com/w1");
        var state = Values.Required<string>("--state", "Folder of what it cosigned last; never share, copy back or reset it");
        var key = Values.Required<string>("--key", "Its Ed25519 private key (PEM); made there when there is none");
        var logs = Values.Many("--log", "File with the public keys of a log it witnesses");
        logs.Required = true;
        var listen = new Option<string>("--listen") { Description = "Where it answers", DefaultValueFactory = _ => "http://127.0.0.1:5090", HelpName = "address" };
        return factory.Leaf("witness", "Be a witness: cosign checkpoints of the given logs, and never one that does not extend the last",
            ["gov witness --name witness.example.com/w1 --state witness --key witness.pem --log governance.keys --log inference.keys --listen http://127.0.0.1:5090"],
            [name, state, key, logs, listen],
            async (run, cancellationToken) =>
            {
                if (!Uri.TryCreate(run.Get(listen), UriKind.Absolute, out var address) || address.Scheme != "http")
                {
                    throw CliException.Usage("--listen is an http address.", "TLS belongs to the proxy before it.");
                }

                using var signer = Signer(run.Get(name), run.Get(key));
                using var witness = Witness.Open(run.Get(state), new WitnessOptions
                {
                    Cosigners = [signer],
                    Logs = [.. run.Get(logs).SelectMany(LedgerFiles.Keys)],
                    Time = run.Terminal.Time,
                });
                await WitnessServer.RunAsync(witness, address, bound =>
                {
                    run.Output.Narrate($"witness {signer.Verifier} {bound}");
                    run.Terminal.Out.Flush();
                }, run.Output.Note, cancellationToken);
                return ExitCodes.Ok;
            });
    }

    private static Ed25519NoteSigner Signer(string name, string path)
    {
        try
        {
            return NoteSigners.CosignerFromFile(name, path);
        }
        catch (FormatException e)
        {
            throw CliException.Usage(e.Message);
        }
    }
}
