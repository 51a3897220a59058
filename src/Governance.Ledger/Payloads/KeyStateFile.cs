using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>
/// The sealed key state on disk: magic, epoch i64, length of the key's name u16, the name, length of the wrapped data key u16, the wrapped
/// data key, nonce, AES-256-GCM ciphertext, tag; everything before the nonce is associated data. Replaced by rename: a seal half written
/// leaves the previous one in place.
/// </summary>
internal static class KeyStateFile
{
    private const int MaximumLength = 1 << 30;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private static ReadOnlySpan<byte> Magic => "GOVKEYS1"u8;

    public static void Write(IFileLayer files, string path, KeyState state, IKeyEncryptionKey key)
    {
        var plaintext = state.Serialize();
        var dataKey = Secret.Random(32);
        try
        {
            var wrapped = key.Wrap(dataKey);
            var id = Encoding.UTF8.GetBytes(key.Id);
            byte[] header =
            [
                .. Magic, .. BitConverter.GetBytes(state.Epoch), .. BitConverter.GetBytes((ushort)id.Length), .. id,
                .. BitConverter.GetBytes((ushort)wrapped.Length), .. wrapped,
            ];
            var sealedState = new byte[header.Length + NonceSize + plaintext.Length + TagSize];
            header.CopyTo(sealedState, 0);
            var nonce = sealedState.AsSpan(header.Length, NonceSize);
            RandomNumberGenerator.Fill(nonce);
            using var aes = new AesGcm(dataKey, TagSize);
            var ciphertext = sealedState.AsSpan(header.Length + NonceSize, plaintext.Length);
            aes.Encrypt(nonce, plaintext, ciphertext, sealedState.AsSpan(sealedState.Length - TagSize), header);
            AtomicFile.Write(files, path, sealedState);
        }
        finally
        {
            Secret.Erase(plaintext);
            Secret.Erase(dataKey);
        }
    }

    /// <summary>The state, and the one of the keys that seals it. Null when there is no state yet.</summary>
    /// <exception cref="LedgerDamagedException">The seal does not open under any of the keys, or what it holds is not a key state.</exception>
    public static (KeyState State, IKeyEncryptionKey Key)? Read(IFileLayer files, string path, IReadOnlyList<IKeyEncryptionKey> keys)
    {
        if (AtomicFile.Read(files, path, MaximumLength) is not { } bytes)
        {
            return null;
        }

        var dataKey = Secret.Allocate(32);
        byte[] plaintext = [];
        try
        {
            ReadOnlySpan<byte> at = bytes;
            if (!Take(ref at, Magic.Length).SequenceEqual(Magic))
            {
                throw new InvalidDataException("The file is not a sealed key state.");
            }

            var epoch = BinaryPrimitives.ReadInt64LittleEndian(Take(ref at, 8));
            var id = Encoding.UTF8.GetString(Take(ref at, BinaryPrimitives.ReadUInt16LittleEndian(Take(ref at, 2))));
            var wrapped = Take(ref at, BinaryPrimitives.ReadUInt16LittleEndian(Take(ref at, 2)));
            var key = Opening(keys, id, wrapped, dataKey)
                ?? throw new InvalidDataException($"The state was sealed by the key {id}; given were {string.Join(", ", keys.Select(k => k.Id))}.");

            var header = bytes.AsSpan(0, bytes.Length - at.Length);
            plaintext = Secret.Allocate(Math.Max(0, at.Length - NonceSize - TagSize));
            var nonce = Take(ref at, NonceSize);
            using var aes = new AesGcm(dataKey, TagSize);
            aes.Decrypt(nonce, Take(ref at, plaintext.Length), Take(ref at, TagSize), plaintext, header);
            var state = KeyState.Deserialize(plaintext);
            return state.Epoch == epoch ? (state, key) : throw new InvalidDataException("The epoch outside the seal is not the one inside.");
        }
        catch (Exception e) when (e is InvalidDataException or AuthenticationTagMismatchException or ArgumentException)
        {
            throw new LedgerDamagedException(new LedgerFinding(LedgerFault.PayloadWrong, Path.GetFileName(path), "The sealed key state does not open: " + e.Message));
        }
        finally
        {
            Secret.Erase(dataKey);
            Secret.Erase(plaintext);
        }
    }

    // The key named first: asking another takes a hardware module's time.
    private static IKeyEncryptionKey? Opening(IReadOnlyList<IKeyEncryptionKey> keys, string id, ReadOnlySpan<byte> wrapped, Span<byte> dataKey)
    {
        foreach (var key in keys.OrderByDescending(k => string.Equals(k.Id, id, StringComparison.Ordinal)))
        {
            if (key.TryUnwrap(wrapped, dataKey))
            {
                return key;
            }
        }

        return null;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> at, int length)
    {
        if (at.Length < length)
        {
            throw new InvalidDataException("The file is truncated.");
        }

        var taken = at[..length];
        at = at[length..];
        return taken;
    }
}
