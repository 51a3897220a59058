using System.Runtime.InteropServices;
using System.Text;

namespace Governance.Ledger;

/// <summary>
/// The part of a PKCS#11 v2.40 module (OASIS, "Cryptoki") that sealing needs, called through its function list. Unix: CK_ULONG is a C long.
/// One session, one thread at a time: guarded by the caller.
/// </summary>
internal sealed unsafe class Pkcs11Module : IDisposable
{
    public const ulong SecretKey = 4;
    public const ulong AesKey = 0x1f;
    public const ulong AesKeyGeneration = 0x1080;
    public const ulong AesGcm = 0x1087;

    private const ulong Ok = 0;
    private const ulong AlreadyInitialized = 0x191;
    private const ulong AlreadyLoggedIn = 0x100;
    private const ulong EncryptedDataInvalid = 0x40;
    private const ulong EncryptedDataLengthWrong = 0x41;
    private const ulong GeneralError = 5;
    private const ulong SerialAndWritable = 6;
    private const ulong User = 1;
    private const ulong OsLocking = 2;

    private readonly nint library;
    private readonly void** functions;
    private ulong session;

    /// <summary>Loads the module, finds the token by its label and logs in.</summary>
    /// <exception cref="LedgerUnavailableException">There is no such module or token, or the PIN is refused. The message never holds the PIN.</exception>
    public Pkcs11Module(string path, string token, ReadOnlySpan<byte> pin)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new LedgerUnavailableException("PKCS#11 modules are used on Unix only: their structures differ on Windows.");
        }

        if (!NativeLibrary.TryLoad(path, out library) || !NativeLibrary.TryGetExport(library, "C_GetFunctionList", out var entry))
        {
            throw new LedgerUnavailableException($"There is no PKCS#11 module at {path}.");
        }

        void* list = null;
        Check(((delegate* unmanaged<void**, ulong>)entry)(&list), "C_GetFunctionList");

        // CK_FUNCTION_LIST: a two-byte version, padded to a pointer, then the functions in the order of the standard.
        functions = (void**)((byte*)list + sizeof(nint));
        var arguments = default(InitializeArguments);
        arguments.Flags = OsLocking;
        Check(((delegate* unmanaged<void*, ulong>)functions[Function.Initialize])(&arguments), "C_Initialize", AlreadyInitialized);
        var slot = FindSlot(token);
        fixed (ulong* opened = &session)
        {
            Check(((delegate* unmanaged<ulong, ulong, void*, void*, ulong*, ulong>)functions[Function.OpenSession])(slot, SerialAndWritable, null, null, opened), "C_OpenSession");
        }

        fixed (byte* bytes = pin)
        {
            Check(((delegate* unmanaged<ulong, ulong, byte*, ulong, ulong>)functions[Function.Login])(session, User, bytes, (ulong)pin.Length), "C_Login", AlreadyLoggedIn);
        }
    }

    /// <summary>Handles of the secret AES keys of this label on the token.</summary>
    public IReadOnlyList<ulong> FindKeys(string label)
    {
        var name = Encoding.UTF8.GetBytes(label);
        var (kind, type) = (SecretKey, AesKey);
        fixed (byte* text = name)
        {
            var template = stackalloc Attribute[] { new(AttributeType.Class, &kind, 8), new(AttributeType.KeyType, &type, 8), new(AttributeType.Label, text, (ulong)name.Length) };
            Check(((delegate* unmanaged<ulong, Attribute*, ulong, ulong>)functions[Function.FindObjectsInit])(session, template, 3), "C_FindObjectsInit");
        }

        var found = stackalloc ulong[64];
        ulong count = 0;
        var answer = ((delegate* unmanaged<ulong, ulong*, ulong, ulong*, ulong>)functions[Function.FindObjects])(session, found, 64, &count);
        Check(((delegate* unmanaged<ulong, ulong>)functions[Function.FindObjectsFinal])(session), "C_FindObjectsFinal");
        Check(answer, "C_FindObjects");
        return new ReadOnlySpan<ulong>(found, (int)count).ToArray();
    }

    /// <summary>CKA_ID of an object, at most 64 bytes.</summary>
    public byte[] IdOf(ulong key)
    {
        var value = stackalloc byte[64];
        var template = new Attribute(AttributeType.Id, value, 64);
        Check(((delegate* unmanaged<ulong, ulong, Attribute*, ulong, ulong>)functions[Function.GetAttributeValue])(session, key, &template, 1), "C_GetAttributeValue");
        return new ReadOnlySpan<byte>(value, (int)template.Length).ToArray();
    }

    /// <summary>Whether the key never leaves the token in the clear: sensitive, and not extractable.</summary>
    public bool IsGuarded(ulong key)
    {
        byte sensitive = 0, extractable = 1;
        var template = stackalloc Attribute[] { new(AttributeType.Sensitive, &sensitive, 1), new(AttributeType.Extractable, &extractable, 1) };
        Check(((delegate* unmanaged<ulong, ulong, Attribute*, ulong, ulong>)functions[Function.GetAttributeValue])(session, key, template, 2), "C_GetAttributeValue");
        return sensitive == 1 && extractable == 0;
    }

    /// <summary>Generates an AES-256 key on the token: private, sensitive, not extractable, for encryption and decryption only.</summary>
    public void Generate(string label, byte[] id)
    {
        byte yes = 1, no = 0;
        ulong length = 32;
        var name = Encoding.UTF8.GetBytes(label);
        var mechanism = new Mechanism(AesKeyGeneration, null, 0);
        ulong key = 0;
        fixed (byte* text = name, number = id)
        {
            var template = stackalloc Attribute[]
            {
                new(AttributeType.Token, &yes, 1), new(AttributeType.Private, &yes, 1), new(AttributeType.Sensitive, &yes, 1),
                new(AttributeType.Extractable, &no, 1), new(AttributeType.Encrypt, &yes, 1), new(AttributeType.Decrypt, &yes, 1),
                new(AttributeType.Wrap, &no, 1), new(AttributeType.Unwrap, &no, 1), new(AttributeType.ValueLength, &length, 8),
                new(AttributeType.Label, text, (ulong)name.Length), new(AttributeType.Id, number, (ulong)id.Length),
            };
            Check(((delegate* unmanaged<ulong, Mechanism*, Attribute*, ulong, ulong*, ulong>)functions[Function.GenerateKey])(session, &mechanism, template, 11, &key), "C_GenerateKey");
        }
    }

    public void Destroy(ulong key) =>
        Check(((delegate* unmanaged<ulong, ulong, ulong>)functions[Function.DestroyObject])(session, key), "C_DestroyObject");

    /// <summary>AES-256-GCM on the token: ciphertext and 16-byte tag.</summary>
    public byte[] Encrypt(ulong key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext)
    {
        var output = new byte[plaintext.Length + 16];
        fixed (byte* iv = nonce, input = plaintext, target = output)
        {
            var parameters = new GcmParameters(iv, (ulong)nonce.Length);
            var mechanism = new Mechanism(AesGcm, &parameters, (ulong)sizeof(GcmParameters));
            var length = (ulong)output.Length;
            Check(((delegate* unmanaged<ulong, Mechanism*, ulong, ulong>)functions[Function.EncryptInit])(session, &mechanism, key), "C_EncryptInit");
            Check(((delegate* unmanaged<ulong, byte*, ulong, byte*, ulong*, ulong>)functions[Function.Encrypt])(session, input, (ulong)plaintext.Length, target, &length), "C_Encrypt");
        }

        return output;
    }

    /// <summary>False when the tag does not hold.</summary>
    public bool TryDecrypt(ulong key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        // Modules want room for the tag too.
        var buffer = Secret.Allocate(ciphertext.Length);
        fixed (byte* iv = nonce, input = ciphertext, target = buffer)
        {
            var parameters = new GcmParameters(iv, (ulong)nonce.Length);
            var mechanism = new Mechanism(AesGcm, &parameters, (ulong)sizeof(GcmParameters));
            var length = (ulong)buffer.Length;
            Check(((delegate* unmanaged<ulong, Mechanism*, ulong, ulong>)functions[Function.DecryptInit])(session, &mechanism, key), "C_DecryptInit");
            var answer = ((delegate* unmanaged<ulong, byte*, ulong, byte*, ulong*, ulong>)functions[Function.Decrypt])(session, input, (ulong)ciphertext.Length, target, &length);

            // Modules name a tag that does not hold in different ways; SoftHSM says "general error".
            if (answer is EncryptedDataInvalid or EncryptedDataLengthWrong or GeneralError)
            {
                return false;
            }

            Check(answer, "C_Decrypt");
            var fits = length == (ulong)plaintext.Length;
            if (fits)
            {
                buffer.AsSpan(0, plaintext.Length).CopyTo(plaintext);
            }

            Secret.Erase(buffer);
            return fits;
        }
    }

    /// <summary>Closes the session. The module stays initialised: others of this process may use it.</summary>
    public void Dispose()
    {
        if (session != 0)
        {
            _ = ((delegate* unmanaged<ulong, ulong>)functions[Function.CloseSession])(session);
            session = 0;
        }
    }

    private static void Check(ulong answer, string function, ulong alsoFine = Ok)
    {
        if (answer != Ok && answer != alsoFine)
        {
            throw new LedgerUnavailableException($"The PKCS#11 module refused {function} with 0x{answer:x}.");
        }
    }

    private ulong FindSlot(string token)
    {
        ulong count = 0;
        var list = (delegate* unmanaged<byte, ulong*, ulong*, ulong>)functions[Function.GetSlotList];
        Check(list(1, null, &count), "C_GetSlotList");
        var slots = new ulong[count];
        fixed (ulong* target = slots)
        {
            Check(list(1, target, &count), "C_GetSlotList");
        }

        // CK_TOKEN_INFO starts with the label: 32 bytes, padded with blanks. The whole structure has fewer than 256.
        var info = stackalloc byte[256];
        foreach (var slot in slots)
        {
            Check(((delegate* unmanaged<ulong, byte*, ulong>)functions[Function.GetTokenInfo])(slot, info), "C_GetTokenInfo");
            if (string.Equals(Encoding.UTF8.GetString(info, 32).TrimEnd(' '), token, StringComparison.Ordinal))
            {
                return slot;
            }
        }

        throw new LedgerUnavailableException($"The PKCS#11 module has no token labelled {token}.");
    }

    /// <summary>Places in the function list of v2.40.</summary>
    private static class Function
    {
        public const int Initialize = 0;
        public const int GetSlotList = 4;
        public const int GetTokenInfo = 6;
        public const int OpenSession = 12;
        public const int CloseSession = 13;
        public const int Login = 18;
        public const int DestroyObject = 22;
        public const int GetAttributeValue = 24;
        public const int FindObjectsInit = 26;
        public const int FindObjects = 27;
        public const int FindObjectsFinal = 28;
        public const int EncryptInit = 29;
        public const int Encrypt = 30;
        public const int DecryptInit = 33;
        public const int Decrypt = 34;
        public const int GenerateKey = 58;
    }

    private static class AttributeType
    {
        public const ulong Class = 0;
        public const ulong Token = 1;
        public const ulong Private = 2;
        public const ulong Label = 3;
        public const ulong KeyType = 0x100;
        public const ulong Id = 0x102;
        public const ulong Sensitive = 0x103;
        public const ulong Encrypt = 0x104;
        public const ulong Decrypt = 0x105;
        public const ulong Wrap = 0x106;
        public const ulong Unwrap = 0x107;
        public const ulong ValueLength = 0x161;
        public const ulong Extractable = 0x162;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Attribute(ulong type, void* value, ulong length)
    {
        public readonly ulong Type = type;
        public readonly void* Value = value;
        public readonly ulong Length = length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Mechanism(ulong type, void* parameters, ulong length)
    {
        public readonly ulong Type = type;
        public readonly void* Parameters = parameters;
        public readonly ulong Length = length;
    }

    /// <summary>CK_GCM_PARAMS of v2.40, with the count of bits; no associated data.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct GcmParameters(byte* iv, ulong ivLength)
    {
        public readonly byte* Iv = iv;
        public readonly ulong IvLength = ivLength;
        public readonly ulong IvBits = ivLength * 8;
        public readonly byte* AssociatedData = null;
        public readonly ulong AssociatedDataLength = 0;
        public readonly ulong TagBits = 128;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct InitializeArguments
    {
        public nint CreateMutex;
        public nint DestroyMutex;
        public nint LockMutex;
        public nint UnlockMutex;
        public ulong Flags;
        public nint Reserved;
    }
}
