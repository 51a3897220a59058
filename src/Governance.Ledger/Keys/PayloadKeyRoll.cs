namespace Governance.Ledger;

/// <summary>
/// Moves a payload store from one key-encryption key to the next and destroys what is left over. Every step can be interrupted and done
/// again: the key that seals the state is never destroyed, and a key that seals nothing is destroyed at the next sweep. Thread-safe.
/// </summary>
public sealed class PayloadKeyRoll(PayloadStore store, IKeyVault vault)
{
    private readonly Lock gate = new();

    /// <summary>Opens the store under whichever key of the vault seals it.</summary>
    /// <exception cref="LedgerException">As of <see cref="PayloadStore.Open(string, PayloadStoreOptions)"/>, or the vault refuses.</exception>
    public static PayloadStore Open(string folder, IKeyVault vault, TimeProvider time)
    {
        var keys = vault.Keys();
        return PayloadStore.Open(folder, new PayloadStoreOptions { KeyEncryptionKey = keys[^1], EarlierKeys = [.. keys.SkipLast(1)], Time = time });
    }

    /// <summary>Keys of the vault that do not seal the state: each opens older copies of it.</summary>
    /// <exception cref="LedgerUnavailableException">The vault does not answer.</exception>
    public IReadOnlyList<string> Leftovers()
    {
        lock (gate)
        {
            return Others();
        }
    }

    /// <summary>Seals the state under the next key.</summary>
    /// <returns>False when the vault gives keys from outside and has given no newer one; nothing changed.</returns>
    /// <exception cref="LedgerUnavailableException">The vault or the storage refuses; the state stays under the old key, or is under the new one.</exception>
    public bool Advance()
    {
        lock (gate)
        {
            var keys = vault.Keys();
            var at = keys.ToList().FindIndex(k => string.Equals(k.Id, store.KeyId, StringComparison.Ordinal));
            var next = at < keys.Count - 1 ? keys[^1] : vault.Create();
            if (next is null)
            {
                return false;
            }

            store.Reseal(next);
            return true;
        }
    }

    /// <summary>Destroys every key that does not seal the state.</summary>
    /// <returns>The keys destroyed; none where the vault lets only others do it.</returns>
    /// <exception cref="LedgerException">The vault refuses, or the state on disk is not sealed by the key the store names. Nothing more was destroyed; sweep again.</exception>
    public IReadOnlyList<string> Sweep()
    {
        lock (gate)
        {
            store.CheckSeal();
            return [.. Others().Where(vault.Destroy)];
        }
    }

    private List<string> Others() => [.. vault.Keys().Select(k => k.Id).Where(id => !string.Equals(id, store.KeyId, StringComparison.Ordinal))];
}
