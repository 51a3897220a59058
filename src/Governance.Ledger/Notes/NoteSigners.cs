using System.Security.Cryptography;
using System.Text;

namespace Governance.Ledger;

/// <summary>
/// The keys that sign a log, as PEM files (PKCS#8) readable by their owner alone: <c>NAME.pem</c>, and beside it any <c>NAME.*.pem</c>. All
/// of them sign. So a key is rotated by adding the new file, starting once, and removing the old file; both stay in the log's trail.
/// </summary>
public static class NoteSigners
{
    /// <summary>
    /// Reads the signing keys of the log <paramref name="origin"/>, oldest file name first: ECDSA P-256 and Ed25519. Makes a P-256 key in
    /// <paramref name="path"/> when there is none at all.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">A file is readable by others, or is not a key this system can sign with.</exception>
    public static IReadOnlyList<INoteSigner> FromFiles(string origin, string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var others = Directory.Exists(folder) ? Directory.GetFiles(folder, Path.GetFileNameWithoutExtension(path) + ".*.pem") : [];
        var paths = others.Order(StringComparer.Ordinal).ToList();
        if (paths.Count == 0 || File.Exists(path))
        {
            paths.Insert(0, path);
        }

        return [.. paths.Select(p => FromFile(origin, p))];
    }

    /// <summary>A witness's Ed25519 key in a PEM file; made there when there is none.</summary>
    /// <exception cref="LedgerUnavailableException">The file is readable by others, or is not an Ed25519 key, or this system has no Ed25519.</exception>
    public static Ed25519NoteSigner CosignerFromFile(string name, string path)
    {
        if (!Ed25519NoteSigner.IsSupported)
        {
            throw new LedgerUnavailableException(Ed25519.Missing);
        }

        var pem = OwnerOnlyFile.ReadOrCreate(path, () =>
        {
            using var created = Ed25519NoteSigner.CreateCosigner(name);
            return Encoding.ASCII.GetBytes(created.ExportPem());
        });
        return ReadEd25519(name, NoteKeyType.Ed25519Cosignature, pem)
            ?? throw new LedgerUnavailableException($"{path} does not hold an Ed25519 private key in PEM form.");
    }

    private static INoteSigner FromFile(string origin, string path)
    {
        if (!File.Exists(path))
        {
            return EcdsaNoteSigner.FromFile(origin, path);
        }

        var pem = OwnerOnlyFile.ReadOrCreate(path, () => []);
        try
        {
            return ReadEd25519(origin, NoteKeyType.Ed25519, pem) ?? (INoteSigner)EcdsaNoteSigner.FromFile(origin, path);
        }
        catch (PlatformNotSupportedException e)
        {
            throw new LedgerUnavailableException($"{path}: {e.Message}", e);
        }
    }

    private static Ed25519NoteSigner? ReadEd25519(string name, NoteKeyType type, byte[] pem)
    {
        var text = Encoding.ASCII.GetString(pem);
        var der = new byte[pem.Length];
        if (!PemEncoding.TryFind(text, out var fields)
            || !Convert.TryFromBase64Chars(text.AsSpan()[fields.Base64Data], der, out var length)
            || Ed25519NoteSigner.SeedOf(der.AsSpan(0, length)) is not { } seed)
        {
            return null;
        }

        CryptographicOperations.ZeroMemory(der);
        return Ed25519NoteSigner.FromSeed(name, type, seed);
    }
}
