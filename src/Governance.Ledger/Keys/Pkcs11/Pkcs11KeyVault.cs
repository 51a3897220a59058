using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>Which keys of which token. Immutable.</summary>
/// <param name="Module">Path of the module's shared library.</param>
/// <param name="Token">Label of the token.</param>
/// <param name="Label">Label of the keys; they are told apart by CKA_ID, a decimal number from 1.</param>
public sealed record Pkcs11Location(string Module, string Token, string Label);

/// <summary>
/// Keys in a PKCS#11 token (HSM): AES-256, generated there, sensitive and not extractable. Data keys are sealed by the token with AES-GCM.
/// Thread-safe; calls wait for one another.
/// </summary>
public sealed class Pkcs11KeyVault : IKeyVault
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly Pkcs11Location location;
    private readonly Pkcs11Module module;
    private readonly Lock gate = new();

    /// <summary>Logs in, and makes the first key when there is none.</summary>
    /// <param name="pin">The user PIN. Not kept, never logged.</param>
    /// <exception cref="LedgerUnavailableException">There is no such module or token, the PIN is refused, or a key could be extracted.</exception>
    public Pkcs11KeyVault(Pkcs11Location location, ReadOnlySpan<char> pin)
    {
        this.location = location;
        var bytes = Secret.Allocate(Encoding.UTF8.GetByteCount(pin));
        try
        {
            Encoding.UTF8.GetBytes(pin, bytes);
            module = new Pkcs11Module(location.Module, location.Token, bytes);
        }
        finally
        {
            Secret.Erase(bytes);
        }

        try
        {
            if (Find().Count == 0)
            {
                Create();
            }
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    public string Ending => "token-object-destroyed";

    public IReadOnlyList<IKeyEncryptionKey> Keys()
    {
        lock (gate)
        {
            return [.. Find().Select(k => new Key(this, k.Number))];
        }
    }

    public IKeyEncryptionKey Create()
    {
        lock (gate)
        {
            var number = Find() is { Count: > 0 } keys ? keys[^1].Number + 1 : 1;
            module.Generate(location.Label, Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
            return new Key(this, number);
        }
    }

    public bool Destroy(string id)
    {
        lock (gate)
        {
            foreach (var key in Find().Where(k => string.Equals(IdOf(k.Number), id, StringComparison.Ordinal)))
            {
                module.Destroy(key.Handle);
            }

            return true;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            module.Dispose();
        }
    }

    private string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"pkcs11-{location.Token}-{location.Label}-{number}");

    private List<(int Number, ulong Handle)> Find()
    {
        var keys = new List<(int Number, ulong Handle)>();
        foreach (var handle in module.FindKeys(location.Label))
        {
            if (!int.TryParse(module.IdOf(handle), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            keys.Add(module.IsGuarded(handle)
                ? (number, handle)
                : throw new LedgerUnavailableException($"The key {IdOf(number)} can be read out of the token. Destroy it there and let the gateway make one."));
        }

        keys.Sort();
        return keys;
    }

    private ulong? Handle(int number) => Find().Where(k => k.Number == number).Select(k => (ulong?)k.Handle).FirstOrDefault();

    private sealed class Key(Pkcs11KeyVault vault, int number) : IKeyEncryptionKey
    {
        public string Id => vault.IdOf(number);

        public byte[] Wrap(ReadOnlySpan<byte> dataKey)
        {
            var nonce = RandomNumberGenerator.GetBytes(NonceSize);
            lock (vault.gate)
            {
                var handle = vault.Handle(number) ?? throw new LedgerUnavailableException($"The token no longer holds the key {Id}.");
                return [.. nonce, .. vault.module.Encrypt(handle, nonce, dataKey)];
            }
        }

        public bool TryUnwrap(ReadOnlySpan<byte> wrapped, Span<byte> dataKey)
        {
            if (wrapped.Length != NonceSize + dataKey.Length + TagSize)
            {
                return false;
            }

            lock (vault.gate)
            {
                return vault.Handle(number) is { } handle && vault.module.TryDecrypt(handle, wrapped[..NonceSize], wrapped[NonceSize..], dataKey);
            }
        }
    }
}
