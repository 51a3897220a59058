using Governance.Gateway.Keys;
using Governance.Ledger;

namespace Governance.Gateway.Hosting;

/// <summary>The opened logs and the payload store of the inference log. Closed in the right order at the end: logs first, then what they refer to.</summary>
public sealed class OpenLogs(GovernanceLogs logs, PayloadStore vault, IKeyVault keys) : IAsyncDisposable
{
    public IKeyVault Keys => keys;

    public GovernanceLogs Logs => logs;

    public PayloadStore Vault => vault;

    public async ValueTask DisposeAsync()
    {
        await logs.DisposeAsync();
        vault.Dispose();
        keys.Dispose();
    }
}

/// <summary>Opens what the ledger room keeps: two logs, one signing key each way, payloads beside the inference log.</summary>
internal static class LogOpening
{
    /// <exception cref="LedgerException">Another process has them, the storage refuses, or what is stored was damaged.</exception>
    public static OpenLogs Open(GatewayOptions options, PayloadKeyOptions keyOptions, DataFolder data, TimeProvider time)
    {
        var governance = Log(options.Origin + "/governance", Path.Combine(data.Keys, "governance-log.pem"), data.GovernanceLog, time, barrier: null);
        IKeyVault? keys = null;
        PayloadStore? vault = null;
        try
        {
            keys = keyOptions.Open(data.Keys);
            vault = PayloadKeyRoll.Open(data.Payloads, keys, time);
            var inference = Log(InferenceOrigin(options), Path.Combine(data.Keys, "inference-log.pem"), data.InferenceLog, time, vault);
            return new OpenLogs(new GovernanceLogs(governance, data.GovernanceLog, inference, data.InferenceLog), vault, keys);
        }
        catch
        {
            vault?.Dispose();
            keys?.Dispose();
            governance.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    private static string InferenceOrigin(GatewayOptions options) =>
        options.Replica is null ? options.Origin + "/inference" : $"{options.Origin}/inference/{options.Replica}";

    private static LedgerLog Log(string origin, string key, string folder, TimeProvider time, ICommitBarrier? barrier) =>
        LedgerLog.Open(folder, new LedgerOptions { Signers = NoteSigners.FromFiles(origin, key), Time = time, Barrier = barrier });
}
