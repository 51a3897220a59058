namespace Governance.Gateway.Hosting;

/// <summary>Where things lie below the data folder. Created private to the user that runs the gateway.</summary>
public sealed class DataFolder
{
    /// <param name="artifacts">Where artefacts lie when several nodes share them; null for the data folder.</param>
    public DataFolder(string root, string? artifacts = null)
    {
        Root = Path.GetFullPath(root);
        Artifacts = artifacts is null ? Path.Combine(Root, "artifacts") : Path.GetFullPath(artifacts);
        foreach (var folder in new[] { Root, Keys, Artifacts, GovernanceLog, InferenceLog, Payloads })
        {
            KeyFile.CreatePrivateFolder(folder);
        }
    }

    public string Root { get; }

    public string Keys => Path.Combine(Root, "keys");

    public string Artifacts { get; }

    /// <summary>The governance log, or this node's copy of the shared one: copy this folder and <c>gov ledger verify</c> proves it anywhere.</summary>
    public string GovernanceLog => Path.Combine(Root, "ledger", "governance");

    /// <summary>The inference log of this replica.</summary>
    public string InferenceLog => Path.Combine(Root, "ledger", "inference");

    /// <summary>Which decisions wait for a person, as of an earlier moment: read at the start instead of the whole inference log, and made anew when it is gone.</summary>
    public string ReviewSnapshot => Path.Combine(Root, "reviews.json");

    /// <summary>Encrypted payloads of the inference log. Not part of the log: what is erased here leaves the log as it was.</summary>
    public string Payloads => Path.Combine(Root, "payloads");
}
