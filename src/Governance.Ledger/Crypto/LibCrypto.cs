using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// The few calls of OpenSSL 3's libcrypto that the hot path makes itself. The platform's classes call the same library, but look the
/// algorithm up anew for every hash and every key, which costs several times what the hashing of one entry does. Where the library is
/// absent, or does not give the known answers, everything goes through the platform's classes instead.
/// </summary>
internal static unsafe partial class LibCrypto
{
    private const string Library = "libcrypto.so.3";

    /// <summary>True on Linux with OpenSSL 3 present and its answers right.</summary>
    public static bool IsAvailable { get; } = OperatingSystem.IsLinux() && Answers();

    /// <summary>The state of a running SHA-256: eight words, length in bits, one block of input. Public and stable since OpenSSL 0.9.8.</summary>
    [InlineArray(Length)]
    internal struct ShaState
    {
        private const int Length = 28;
        private uint _first;
    }

    [LibraryImport(Library, EntryPoint = "SHA256_Init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    public static partial int ShaInit(ShaState* state);

    [LibraryImport(Library, EntryPoint = "SHA256_Update")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ShaUpdate(ShaState* state, byte* data, nuint length);

    // For at most a few blocks: well below a microsecond.
    [LibraryImport(Library, EntryPoint = "SHA256_Update")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    public static partial int ShaUpdateShort(ShaState* state, byte* data, nuint length);

    [LibraryImport(Library, EntryPoint = "SHA256_Final")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    public static partial int ShaFinal(byte* digest, ShaState* state);

    [LibraryImport(Library, EntryPoint = "EVP_aes_256_gcm")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint Aes256Gcm();

    [LibraryImport(Library, EntryPoint = "EVP_EncryptInit_ex")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int EncryptInit(nint context, nint cipher, nint engine, byte* key, byte* nonce);

    [LibraryImport(Library, EntryPoint = "EVP_EncryptUpdate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int EncryptUpdate(nint context, byte* output, int* written, byte* input, int length);

    [LibraryImport(Library, EntryPoint = "EVP_EncryptFinal_ex")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int EncryptFinal(nint context, byte* output, int* written);

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_ctrl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int CipherControl(nint context, int command, int argument, byte* value);

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint CipherNew();

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void CipherFree(nint context);

    // FIPS 180-4's example of a message of two blocks.
    private static bool Answers()
    {
        try
        {
            var message = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"u8;
            Span<byte> digest = stackalloc byte[32];
            Sha256.HashNatively([], message, digest);
            return CipherNames() && digest.SequenceEqual(Convert.FromHexString("248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1"));
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static bool CipherNames()
    {
        using var sealer = new GcmSealer(native: true);
        Span<byte> tag = stackalloc byte[16];
        sealer.Seal(new byte[32], new byte[12], new byte[16], new byte[16], tag, []);

        // Test case 14 of McGrew and Viega, the specification of GCM.
        return tag.SequenceEqual(Convert.FromHexString("D0D1C8A799996BF0265B98B5D48AB919"));
    }

    /// <summary>An encryption context; freeing it overwrites the key schedule.</summary>
    internal sealed class CipherHandle : SafeHandle
    {
        public CipherHandle()
            : base(0, ownsHandle: true) => SetHandle(CipherNew());

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            CipherFree(handle);
            return true;
        }
    }
}
