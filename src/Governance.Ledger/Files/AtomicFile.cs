namespace Governance.Ledger;

/// <summary>Replaces a small file so that after a crash it holds either all of the old or all of the new content.</summary>
internal static class AtomicFile
{
    public static void Write(IFileLayer files, string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        using (var file = files.OpenWrite(temporary))
        {
            file.SetLength(0);
            file.Write(0, content);
            file.Sync();
        }

        files.Rename(temporary, path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The whole content, or null when there is no such file.</summary>
    /// <exception cref="LedgerDamagedException">It is longer than <paramref name="limit"/> bytes.</exception>
    public static byte[]? Read(IFileLayer files, string path, int limit)
    {
        if (!files.Exists(path))
        {
            return null;
        }

        using var file = files.OpenRead(path);
        if (file.Length > limit)
        {
            throw new LedgerDamagedException(new LedgerFinding(
                LedgerFault.LengthWrong, Path.GetFileName(path), $"The file is {file.Length} bytes long; at most {limit} are read."));
        }

        var content = new byte[file.Length];
        return content[..file.Read(0, content)];
    }
}
