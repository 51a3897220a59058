using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.State;
using Governance.Gateway.Hosting;
using Governance.Gateway.Policy;
using Governance.Ledger;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Keys;

/// <summary>
/// Keeps the record and the keys of this replica's payloads in step: rolls, destroys what is retired, and records both, and which erasures are
/// final with it. Every step asks what is, so that whatever was interrupted is finished by doing it again. Thread-safe.
/// </summary>
public sealed class PayloadKeyCustody(
    PayloadStore payloads, IKeyVault vault, GovernanceLogs logs, Governor governor, PolicyInForce policy, IOptions<PayloadKeyOptions> options, TimeProvider time)
    : IDisposable
{
    private readonly PayloadKeyRoll roll = new(payloads, vault);
    private readonly SemaphoreSlim gate = new(1, 1);

    private string Log => logs.Inference.Log.Origin;

    private DateTimeOffset NextRoll => payloads.KeySince > DateTimeOffset.MaxValue - options.Value.RollEvery ? DateTimeOffset.MaxValue : payloads.KeySince + options.Value.RollEvery;

    /// <summary>When the present key is to be replaced.</summary>
    public DateTimeOffset Due => NextRoll;

    public bool IsDue => time.GetUtcNow() >= NextRoll;

    /// <exception cref="LedgerUnavailableException">The vault does not answer.</exception>
    public KeyDetails Status() => new()
    {
        Log = Log,
        Key = payloads.KeyId,
        Since = payloads.KeySince,
        FromEpoch = payloads.KeyFromEpoch,
        Epoch = payloads.KeyEpoch,
        Retired = [.. governor.State.PayloadKeys.TryGetValue(Log, out var known) ? known.Retired.Union(roll.Leftovers(), StringComparer.Ordinal) : roll.Leftovers()],
        NextRoll = NextRoll,
        PendingErasures = governor.State.Erasures.Values.Count(e => e is { Executed: not null, Finalised: null } && IsHere(e)),
    };

    /// <summary>Refuses a key state that was restored from a backup of before what the log records: what was erased since would be back.</summary>
    /// <exception cref="LedgerDamagedException">It is older.</exception>
    public void RefuseRollback()
    {
        var state = governor.State;
        var recorded = Math.Max(
            state.PayloadKeys.GetValueOrDefault(Log)?.Epoch ?? 0,
            state.Erasures.Values.Where(IsHere).Select(e => e.Executed?.KeyEpoch ?? 0).DefaultIfEmpty().Max());
        if (payloads.KeyEpoch < recorded)
        {
            throw new LedgerDamagedException(new LedgerFinding(LedgerFault.Inconsistent, "keys.state",
                $"The key state is of epoch {payloads.KeyEpoch}; the governance log records epoch {recorded}. It was restored from a backup in which erased keys may be. Restore a newer one."));
        }
    }

    /// <summary>Seals the key state under the next key, destroys the old one where that is ours to do, and records it.</summary>
    /// <returns>Null when done; else why not.</returns>
    /// <exception cref="LedgerException">Vault or storage refuse.</exception>
    public async Task<Refusal?> RollAsync(Caller caller)
    {
        await gate.WaitAsync();
        try
        {
            if (!caller.IsSystem() && !RecordKeyRoll.Who.Any(caller.Is))
            {
                return Refusal.Forbidden("role-required", "Administrators and the DPO roll keys out of turn.");
            }

            return roll.Advance()
                ? await ReconcileLockedAsync(caller)
                : Refusal.Conflict("no-newer-key", "The keys are given from outside, and no newer one is. Give the next version beside the present one, then roll.");
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Finishes and records what is unfinished or unrecorded.</summary>
    /// <exception cref="LedgerException">Vault or storage refuse.</exception>
    public async Task<Refusal?> ReconcileAsync()
    {
        await gate.WaitAsync();
        try
        {
            return await ReconcileLockedAsync(SystemCaller.Instance);
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task<Refusal?> ReconcileLockedAsync(Caller caller)
    {
        var known = governor.State.PayloadKeys.GetValueOrDefault(Log);
        string[] replaced = known is null || known.Key == payloads.KeyId ? [] : [known.Key];
        var retired = (known?.Retired ?? []).Concat(replaced).Concat(roll.Leftovers()).Where(k => k != payloads.KeyId).Distinct(StringComparer.Ordinal).ToList();
        var unrecorded = known is null ? retired.Count > 0 || payloads.KeyFromEpoch > 1 : known.Key != payloads.KeyId || retired.Count > known.Retired.Count;
        if (unrecorded && await RecordAsync(new RecordKeyRoll(Log, payloads.KeyId, payloads.KeyFromEpoch, retired), caller) is { } notRecorded)
        {
            return notRecorded;
        }

        // What is about to be destroyed stands in the log: a gateway that dies in between can still say what is gone.
        roll.Sweep();
        var left = roll.Leftovers();
        var gone = retired.Except(left, StringComparer.Ordinal).ToList();
        if (gone.Count > 0 && await RecordAsync(new RecordKeysDestroyed(Log, gone, vault.Ending), SystemCaller.Instance) is { } refused)
        {
            return refused;
        }

        if (governor.State.PayloadKeys.TryGetValue(Log, out var now))
        {
            foreach (var erasure in governor.State.Erasures.Values.Where(e => FinaliseErasure.IsDue(e, now) && IsHere(e)))
            {
                if (await RecordAsync(new FinaliseErasure(erasure.Id, Log), SystemCaller.Instance) is { } notFinal)
                {
                    return notFinal;
                }
            }
        }

        return null;
    }

    /// <summary>Whether the subject of the request was sealed, and so erased, in this replica's store.</summary>
    private bool IsHere(ErasureState erasure) =>
        KeyRef.TryParse(erasure.Request.Sealed, out var keyRef) && payloads.Open(keyRef, default).State != PayloadState.Missing;

    private async Task<Refusal?> RecordAsync(Command command, Caller caller) =>
        await governor.ExecuteAsync(command, caller, policy.Gate, request: null, CancellationToken.None) is CommandOutcome.Refused refused ? refused.Refusal : null;
}
