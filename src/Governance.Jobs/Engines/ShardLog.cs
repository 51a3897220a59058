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

    /// <summary>The last <see cref="MaxBytes"/> of a stream.</summary>
    /// <param name="most">Bytes read at most; what follows is left.</param>
    internal static async Task<string> TailAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        var bytes = new byte[2 * MaxBytes];
        var (kept, total) = (0, 0L);
        for (int read; total < most && (read = await stream.ReadAsync(bytes.AsMemory(kept), cancellationToken)) > 0; total += read)
        {
            kept += read;
            if (kept == bytes.Length)
            {
                bytes.AsSpan(MaxBytes).CopyTo(bytes);
                kept = MaxBytes;
            }
        }

        return Encoding.UTF8.GetString(bytes, Math.Max(0, kept - MaxBytes), Math.Min(kept, MaxBytes));
    }
}
