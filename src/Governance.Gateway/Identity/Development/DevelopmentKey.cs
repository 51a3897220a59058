using System.Security.Cryptography;
using System.Text;

namespace Governance.Gateway.Identity.Development;

/// <summary>The built-in issuer's P-256 key: a PEM file in the data folder that only its owner can read, made at the first start.</summary>
internal static class DevelopmentKey
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="StartupRefusedException">Others can read the file, or it is not such a key.</exception>
    public static ECDsa OpenOrCreate(string dataFolder)
    {
        var folder = Path.Combine(dataFolder, "identity");
        var path = Path.Combine(folder, "development-issuer.pem");
        if (!File.Exists(path))
        {
            CreatePrivateFolder(folder);
            Create(path);
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != UnixFileMode.None)
        {
            throw new StartupRefusedException($"Others may read the development issuer's key {path}. Delete the file; a new one is made.");
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
            throw new StartupRefusedException($"The development issuer's key {path} is not a P-256 key. Delete the file; a new one is made.");
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

    private static void Create(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using var stream = new FileStream(path, options);
            stream.Write(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key is as good.
        }
    }
}
