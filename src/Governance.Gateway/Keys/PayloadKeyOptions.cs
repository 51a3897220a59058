using Governance.Gateway.Identity;
using Governance.Ledger;

namespace Governance.Gateway.Keys;

/// <summary>Where the key-encryption keys of the payloads are: section <c>PayloadKeys</c> of the configuration, checked at start.</summary>
public sealed class PayloadKeyOptions
{
    public const string Section = "PayloadKeys";

    /// <summary>Default <see cref="PayloadKeyVault.Files"/>, which is for development.</summary>
    public PayloadKeyVault Vault { get; set; } = PayloadKeyVault.Files;

    /// <summary>Environment variable that gives the keys. Default <c>GOVERNANCE_PAYLOAD_KEYS</c>.</summary>
    public string Variable { get; set; } = "GOVERNANCE_PAYLOAD_KEYS";

    /// <summary>File that gives the keys; owner-only.</summary>
    public string? File { get; set; }

    /// <summary>Path of the PKCS#11 module.</summary>
    public string? Module { get; set; }

    /// <summary>Label of the token.</summary>
    public string? Token { get; set; }

    /// <summary>Label of the keys in the token. Default <c>governance-payloads</c>; each replica needs its own.</summary>
    public string Label { get; set; } = "governance-payloads";

    /// <summary>File that holds the PIN; owner-only. Without it the PIN is taken from the environment variable <c>GOVERNANCE_PKCS11_PIN</c>.</summary>
    public string? PinFile { get; set; }

    /// <summary>How long one key is used. Default 7 days; 1 hour to 90 days.</summary>
    public TimeSpan RollEvery { get; set; } = TimeSpan.FromDays(7);

    /// <exception cref="StartupRefusedException">Names every setting that is missing or out of range.</exception>
    public void Check()
    {
        List<string> faults = [];
        if (!Enum.IsDefined(Vault))
        {
            faults.Add("PayloadKeys:Vault is Files, Environment, File or Pkcs11.");
        }

        if (Vault == PayloadKeyVault.File && string.IsNullOrWhiteSpace(File))
        {
            faults.Add("PayloadKeys:File must name the file that gives the keys.");
        }

        if (Vault == PayloadKeyVault.Pkcs11 && (string.IsNullOrWhiteSpace(Module) || string.IsNullOrWhiteSpace(Token)))
        {
            faults.Add("PayloadKeys:Module and PayloadKeys:Token must name the PKCS#11 module and the token's label.");
        }

        if (RollEvery < TimeSpan.FromHours(1) || RollEvery > TimeSpan.FromDays(90))
        {
            faults.Add("PayloadKeys:RollEvery must be from 01:00:00 to 90.00:00:00.");
        }

        if (faults.Count > 0)
        {
            throw new StartupRefusedException(string.Join(Environment.NewLine, faults));
        }
    }

    /// <param name="folder">Folder of the key files, with the vault <see cref="PayloadKeyVault.Files"/>.</param>
    /// <exception cref="LedgerUnavailableException">The vault refuses.</exception>
    public IKeyVault Open(string folder) => Vault switch
    {
        PayloadKeyVault.Environment => InjectedKeyVault.FromEnvironment(Variable),
        PayloadKeyVault.File => InjectedKeyVault.FromFile(File!),
        PayloadKeyVault.Pkcs11 => new Pkcs11KeyVault(new Pkcs11Location(Module!, Token!, Label), Pin()),
        _ => new FileKeyVault(folder, "payloads"),
    };

    private string Pin() => PinFile is null
        ? Environment.GetEnvironmentVariable("GOVERNANCE_PKCS11_PIN") ?? throw new StartupRefusedException("PayloadKeys:PinFile or GOVERNANCE_PKCS11_PIN must give the token's PIN.")
        : OwnerOnlyFile.ReadText(PinFile)?.Trim() ?? throw new StartupRefusedException($"PayloadKeys:PinFile: there is no file {PinFile}.");
}

/// <summary>What keeps the key-encryption keys.</summary>
public enum PayloadKeyVault
{
    Files,
    Environment,
    File,
    Pkcs11,
}
