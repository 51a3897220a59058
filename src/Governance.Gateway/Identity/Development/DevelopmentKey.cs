using System.Security.Cryptography;
using Governance.Gateway.Hosting;

namespace Governance.Gateway.Identity.Development;

/// <summary>The built-in issuer's P-256 key: a PEM file in the data folder that only its owner can read, made at the first start.</summary>
internal static class DevelopmentKey
{
    private const string Remedy = "It is the development issuer's: delete the file; a new one is made.";

    /// <exception cref="StartupRefusedException">Others can read the file, or it is not such a key.</exception>
    public static ECDsa OpenOrCreate(string dataFolder)
    {
        var folder = Path.Combine(dataFolder, "identity");
        KeyFile.CreatePrivateFolder(folder);
        return KeyFile.LoadOrCreateP256(Path.Combine(folder, "development-issuer.pem"), Remedy, Remedy);
    }
}
