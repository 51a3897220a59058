namespace Governance.Ledger;

/// <summary>Where the key-encryption keys of a payload store are kept, and who may destroy one. Thread-safe.</summary>
public interface IKeyVault : IDisposable
{
    /// <summary>The keys there are now, oldest first; never none. Asked anew at every roll: keys given from outside change.</summary>
    /// <exception cref="LedgerUnavailableException">The vault does not answer, or what it holds is not a key.</exception>
    IReadOnlyList<IKeyEncryptionKey> Keys();

    /// <summary>Makes the next key, durably. Null where keys are given from outside: then a newer one must be given first.</summary>
    /// <exception cref="LedgerUnavailableException">The vault refuses.</exception>
    IKeyEncryptionKey? Create();

    /// <summary>Destroys a key for good. False where only somebody outside can: then the key counts as destroyed when it is no longer given.</summary>
    /// <exception cref="LedgerUnavailableException">The vault refuses.</exception>
    bool Destroy(string id);

    /// <summary>How a key ends here: <c>file-overwritten</c>, <c>token-object-destroyed</c>, <c>withdrawn</c>. Part of the record.</summary>
    string Ending { get; }
}
