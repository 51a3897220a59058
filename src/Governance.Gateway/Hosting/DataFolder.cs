namespace Governance.Gateway.Hosting;

/// <summary>Where things lie below the data folder. Created private to the user that runs the gateway.</summary>
public sealed class DataFolder
{
    public DataFolder(string root)
    {
        Root = Path.GetFullPath(root);
        foreach (var folder in new[] { Root, Keys, Artifacts, GovernanceLog, InferenceLog, Payloads })
        {
            KeyFile.CreatePrivateFolder(folder);
        }
    }

    public string Root { get; }

    public string Keys => Path.Combine(Root, "keys");

    public string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>The governance log: copy this folder and <c>gov ledger verify</c> proves it anywhere.</summary>
    public string GovernanceLog => Path.Combine(Root, "ledger", "governance");

    /// <summary>The inference log of this replica.</summary>
    public string InferenceLog => Path.Combine(Root, "ledger", "inference");

    /// <summary>Encrypted payloads of the inference log. Not part of the log: what is erased here leaves the log as it was.</summary>
    public string Payloads => Path.Combine(Root, "payloads");
}
