using System.CommandLine;
using Governance.Cli.Shell;
using Governance.Cli.Verification;
using Governance.Ledger;

namespace Governance.Cli.Commands;

/// <summary>What a log is verified against: keys, saved checkpoints, receipts, witnesses.</summary>
internal sealed class AgainstOptions
{
    private readonly Option<string?> keys = CreateKeys();
    private readonly Option<string[]> since = Values.Many("--since", "Checkpoint saved earlier, also a cosigned one: the log must extend it");
    private readonly Option<string[]> receipts = Values.Many("--receipt", "Receipt (tlog-proof) that must hold in the log");
    private readonly Option<string?> policy = new("--policy") { Description = "Witness policy (tlog-policy): so many of its witnesses must have cosigned", HelpName = "file" };

    public IEnumerable<Option> All => [keys, since, receipts, policy];

    public static Option<string?> CreateKeys() =>
        new("--keys") { Description = "The log's public keys, obtained elsewhere [default: those beside the log, which prove less]", HelpName = "file" };

    public async Task<VerificationRequest> RequestAsync(Invocation run, LogPlace place, CancellationToken cancellationToken)
    {
        var known = await place.KeysAsync(run.Get(keys), cancellationToken);
        return new VerificationRequest
        {
            Keys = known,
            SavedCheckpoints = [.. run.Get(since).Select(c => (ReadOnlyMemory<byte>)LedgerFiles.Small(c))],
            Receipts = await place.ReceiptsAsync(known, run.Get(receipts), cancellationToken),
            Policy = LedgerFiles.Policy(run.Get(policy)),
        };
    }
}
