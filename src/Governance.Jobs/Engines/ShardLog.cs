using System.Text;

namespace Governance.Jobs.Engines;

/// <summary>Reads the ends of log files that grow.</summary>
public static class ShardLog
{
    /// <summary>Most bytes of a log that are shown.</summary>
    public const int MaxBytes = 64 << 10;

    /// <summary>The last <see cref="MaxBytes"/> of a file; empty when there is none.</summary>
    public static async Task<string> TailAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(file.Length, MaxBytes), SeekOrigin.End);
            var bytes = new byte[MaxBytes];
            var read = await file.ReadAtLeastAsync(bytes, MaxBytes, throwOnEndOfStream: false, cancellationToken);
            return Encoding.UTF8.GetString(bytes, 0, read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
    }
}
