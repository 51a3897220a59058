using System.Security.Cryptography;
using Governance.Gateway.Identity;

namespace Governance.Gateway.Hosting;

/// <summary>Private keys of the embedded default: PEM files that only the gateway's user may read. Production keeps keys in an HSM or vault.</summary>
internal static class KeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The P-256 key in the file; made and written when there is none. The folder is there already.</summary>
    /// <param name="ifExposed">What to do when others may read the file: a sentence.</param>
    /// <param name="ifUnreadable">What to do when it holds no such key: a sentence.</param>
    /// <exception cref="StartupRefusedException">Others may read the file, or it holds no P-256 key.</exception>
    public static ECDsa LoadOrCreateP256(string path, string ifExposed, string ifUnreadable)
    {
        if (!File.Exists(path))
        {
            using var created = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            WritePrivate(path, created.ExportPkcs8PrivateKeyPem());
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != UnixFileMode.None)
        {
            throw new StartupRefusedException($"The key file {path} can be read by others. {ifExposed}");
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key.KeySize == 256 ? key : throw new CryptographicException("The key is not on P-256.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new StartupRefusedException($"The key file {path} holds no P-256 private key in PEM form. {ifUnreadable}");
        }
    }

    /// <summary>A folder only its owner can enter.</summary>
    public static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>The key has its name only when it is complete and durable.</summary>
    private static void WritePrivate(string path, string pem)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        var temporary = $"{path}.{Path.GetRandomFileName()}";
        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write(pem);
            writer.Flush();
            ((FileStream)writer.BaseStream).Flush(flushToDisk: true);
        }

        try
        {
            File.Move(temporary, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key is as good.
            File.Delete(temporary);
        }
    }
}
