namespace Governance.Ledger;

/// <summary>Makes new names and renames in a folder durable, which the base class library has no call for.</summary>
public static class FolderSync
{
    /// <summary>Returns when the folder itself is on stable storage; does nothing where the system has no such notion (Windows).</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static void Flush(string folder) => PhysicalFiles.Instance.SyncDirectory(folder);
}
