using System.Runtime.InteropServices;

namespace Governance.Ledger;

/// <summary>
/// Ed25519 (RFC 8032) by the one-shot calls of the system's OpenSSL, which the base class library does not offer. Where there is none,
/// <see cref="IsSupported"/> is false and every call throws. Thread-safe.
/// </summary>
internal static unsafe class Ed25519
{
    public const int KeySize = 32;
    public const int SignatureSize = 64;
    public const string Missing = "Ed25519 needs OpenSSL 1.1.1 or later (libcrypto), which this system does not have.";

    private const int Type = 1087;
    private static readonly string[] Names = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib", "libcrypto-3-x64.dll"];
    private static readonly Native? Calls = Load();

    public static bool IsSupported => Calls is not null;

    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        var calls = Require();
        var key = PrivateKey(calls, seed);
        try
        {
            var result = new byte[KeySize];
            nuint length = KeySize;
            fixed (byte* bytes = result)
            {
                return calls.GetRawPublicKey(key, bytes, &length) == 1 && length == KeySize ? result : throw Refused(calls, "public key");
            }
        }
        finally
        {
            calls.FreeKey(key);
        }
    }

    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        var calls = Require();
        var key = PrivateKey(calls, seed);
        var context = calls.NewContext();
        try
        {
            var result = new byte[SignatureSize];
            nuint length = SignatureSize;
            fixed (byte* signature = result, text = message)
            {
                return calls.SignInit(context, 0, 0, 0, key) == 1 && calls.Sign(context, signature, &length, text, (nuint)message.Length) == 1 && length == SignatureSize
                    ? result
                    : throw Refused(calls, "sign");
            }
        }
        finally
        {
            calls.FreeContext(context);
            calls.FreeKey(key);
        }
    }

    /// <summary>False for anything that is not the key's signature over the message, whatever the bytes are.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        var calls = Require();
        if (publicKey.Length != KeySize || signature.Length != SignatureSize)
        {
            return false;
        }

        nint key;
        fixed (byte* bytes = publicKey)
        {
            key = calls.NewPublicKey(Type, 0, bytes, KeySize);
        }

        var context = calls.NewContext();
        try
        {
            fixed (byte* sign = signature, text = message)
            {
                var holds = key != 0 && calls.VerifyInit(context, 0, 0, 0, key) == 1 && calls.Verify(context, sign, SignatureSize, text, (nuint)message.Length) == 1;
                if (!holds)
                {
                    calls.ClearErrors();
                }

                return holds;
            }
        }
        finally
        {
            calls.FreeContext(context);
            calls.FreeKey(key);
        }
    }

    private static nint PrivateKey(Native calls, ReadOnlySpan<byte> seed)
    {
        fixed (byte* bytes = seed)
        {
            return seed.Length == KeySize && calls.NewPrivateKey(Type, 0, bytes, KeySize) is var key and not 0 ? key : throw Refused(calls, "private key");
        }
    }

    private static Native Require() => Calls ?? throw new PlatformNotSupportedException(Missing);

    // What OpenSSL remembers of a failure belongs to the thread; the next call of the base class library must not find it.
    private static System.Security.Cryptography.CryptographicException Refused(Native calls, string call)
    {
        calls.ClearErrors();
        return new System.Security.Cryptography.CryptographicException($"OpenSSL refused the Ed25519 call: {call}.");
    }

    private static Native? Load()
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, typeof(Ed25519).Assembly, DllImportSearchPath.SafeDirectories, out var library)
                && NativeLibrary.TryGetExport(library, "EVP_DigestSign", out _)
                && NativeLibrary.TryGetExport(library, "EVP_PKEY_new_raw_private_key", out _))
            {
                return new Native(library);
            }
        }

        return null;
    }

    private sealed class Native(nint library)
    {
        public readonly delegate* unmanaged<int, nint, byte*, nuint, nint> NewPrivateKey =
            (delegate* unmanaged<int, nint, byte*, nuint, nint>)NativeLibrary.GetExport(library, "EVP_PKEY_new_raw_private_key");

        public readonly delegate* unmanaged<int, nint, byte*, nuint, nint> NewPublicKey =
            (delegate* unmanaged<int, nint, byte*, nuint, nint>)NativeLibrary.GetExport(library, "EVP_PKEY_new_raw_public_key");

        public readonly delegate* unmanaged<nint, byte*, nuint*, int> GetRawPublicKey =
            (delegate* unmanaged<nint, byte*, nuint*, int>)NativeLibrary.GetExport(library, "EVP_PKEY_get_raw_public_key");

        public readonly delegate* unmanaged<nint, void> FreeKey = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "EVP_PKEY_free");

        public readonly delegate* unmanaged<nint> NewContext = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "EVP_MD_CTX_new");

        public readonly delegate* unmanaged<nint, void> FreeContext = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "EVP_MD_CTX_free");

        public readonly delegate* unmanaged<nint, nint, nint, nint, nint, int> SignInit =
            (delegate* unmanaged<nint, nint, nint, nint, nint, int>)NativeLibrary.GetExport(library, "EVP_DigestSignInit");

        public readonly delegate* unmanaged<nint, byte*, nuint*, byte*, nuint, int> Sign =
            (delegate* unmanaged<nint, byte*, nuint*, byte*, nuint, int>)NativeLibrary.GetExport(library, "EVP_DigestSign");

        public readonly delegate* unmanaged<nint, nint, nint, nint, nint, int> VerifyInit =
            (delegate* unmanaged<nint, nint, nint, nint, nint, int>)NativeLibrary.GetExport(library, "EVP_DigestVerifyInit");

        public readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int> Verify =
            (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int>)NativeLibrary.GetExport(library, "EVP_DigestVerify");

        public readonly delegate* unmanaged<void> ClearErrors = (delegate* unmanaged<void>)NativeLibrary.GetExport(library, "ERR_clear_error");
    }
}
