namespace Governance.Gateway.Hosting;

/// <summary>Where things lie below the data folder. Created private to the user that runs the gateway.</summary>
public sealed class DataFolder
{
    public DataFolder(string root)
    {
        Root = Path.GetFullPath(root);
        foreach (var folder in new[] { Root, Keys, Artifacts, GovernanceLog, InferenceLog })
        {
            Create(folder);
        }
    }

    public string Root { get; }

    public string Keys => Path.Combine(Root, "keys");

    public string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>The governance log: copy this folder and <c>gov ledger verify</c> proves it anywhere.</summary>
    public string GovernanceLog => Path.Combine(Root, "ledger", "governance");

    /// <summary>The inference log of this replica, with its payloads beside it.</summary>
    public string InferenceLog => Path.Combine(Root, "ledger", "inference");

    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
