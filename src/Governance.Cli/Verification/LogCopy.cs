namespace Governance.Cli.Verification;

/// <summary>
/// Copies a log's folder while it is being written. The checkpoints go first, the older one before the newer: entries are only ever added, so
/// whatever is copied after them holds everything they cover.
/// </summary>
internal static class LogCopy
{
    private static readonly string[] First = ["origin", "keys", "witnessed", "checkpoint"];

    /// <summary>Who writes: held by the writer, meaningless in a copy.</summary>
    private static readonly string[] Never = ["lock", "writer"];

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static void Make(string source, string destination, CancellationToken cancellationToken)
    {
        if (Directory.Exists(destination))
        {
            Directory.Delete(destination, recursive: true);
        }

        Directory.CreateDirectory(destination);
        var files = Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(source, f)).Except(Never, StringComparer.Ordinal).ToList();
        foreach (var file in First.Where(files.Contains).Concat(files.Except(First, StringComparer.Ordinal)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = Path.Combine(destination, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var from = new FileStream(Path.Combine(source, file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var to = File.Create(target);
            from.CopyTo(to);
        }
    }
}
