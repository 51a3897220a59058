using System.Security.Cryptography;
using Governance.Gateway.Identity;

namespace Governance.Gateway.Hosting;

/// <summary>Private keys of the embedded default: PEM files that only the gateway's user may read. Production keeps keys in an HSM or vault.</summary>
internal static class KeyFile
{
    /// <summary>The P-256 key in the file; made and written when there is none.</summary>
    /// <exception cref="StartupRefusedException">Others may read the file, or it holds no P-256 key.</exception>
    public static ECDsa LoadOrCreateP256(string path)
    {
        if (!File.Exists(path))
        {
            using var created = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            WritePrivate(path, created.ExportPkcs8PrivateKeyPem());
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != UnixFileMode.None)
        {
            throw new StartupRefusedException($"The key file {path} can be read by others. Run: chmod 600 {path}");
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
            throw new StartupRefusedException($"The key file {path} holds no P-256 private key in PEM form. Restore it: what it signed is verified with it.");
        }
    }

    private static void WritePrivate(string path, string pem)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var temporary = path + ".new";
        File.Delete(temporary);
        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write(pem);
            writer.Flush();
            ((FileStream)writer.BaseStream).Flush(flushToDisk: true);
        }

        File.Move(temporary, path);
    }
}
