namespace Governance.Ledger;

/// <summary>A secret in a file that only its owner may read. The permissions are checked on every read (Unix).</summary>
public static class OwnerOnlyFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="LedgerUnavailableException">Others may read or write it, or the storage refuses.</exception>
    public static byte[] ReadOrCreate(string path, Func<byte[]> create)
    {
        try
        {
            if (!File.Exists(path))
            {
                Create(path, create());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailableException($"The key file {path} cannot be used: {e.Message}", e);
        }

        return Read(path)!;
    }

    /// <summary>The content; null when there is no such file.</summary>
    /// <exception cref="LedgerUnavailableException">Others may read or write it, or the storage refuses.</exception>
    public static byte[]? Read(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~Owner & ~UnixFileMode.UserExecute) != UnixFileMode.None)
            {
                throw new LedgerUnavailableException($"{path} is open to other users. Run: chmod 600 {path}");
            }

            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailableException($"The key file {path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The content as UTF-8 text; null when there is no such file.</summary>
    /// <exception cref="LedgerUnavailableException">Others may read or write it, or the storage refuses.</exception>
    public static string? ReadText(string path) => Read(path) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    private static void Create(string path, byte[] secret)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Owner;
        }

        var temporary = path + ".tmp";
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(secret);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: false);
        PhysicalFiles.Instance.SyncDirectory(folder);
    }
}
