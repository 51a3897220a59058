using System.Globalization;
using System.Text;

namespace Governance.Ledger;

/// <summary>Who writes to a folder.</summary>
/// <param name="ProcessId">The process that holds the lock, on <paramref name="Host"/>.</param>
/// <param name="Since">When it took the lock, UTC.</param>
public sealed record LedgerWriter(int ProcessId, string Host, DateTimeOffset Since)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {ProcessId} on {Host} since {Since:u}");
}

/// <summary>
/// One writer per folder. The operating system holds the lock on the file <c>lock</c> and drops it when the process dies, so a stale
/// lock cannot exist; the file <c>writer</c> only says who holds it.
/// </summary>
internal sealed class FolderLock : IFolderLock
{
    private readonly FileStream _stream;
    private readonly string _folder;
    private readonly string _writer;

    private FolderLock(FileStream stream, string folder, string writer) => (_stream, _folder, _writer) = (stream, folder, writer);

    public bool IsHeld => string.Equals(File.ReadAllText(Path.Combine(_folder, LedgerPaths.Writer), Encoding.UTF8), _writer, StringComparison.Ordinal);

    /// <exception cref="LedgerLockedException">Another writer, in this or another process, has the folder.</exception>
    /// <exception cref="LedgerUnavailableException">The folder cannot be written.</exception>
    public static FolderLock Take(string folder, DateTimeOffset now)
    {
        var path = Path.Combine(folder, "lock");
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(path) && !Directory.Exists(path))
        {
            throw new LedgerLockedException(folder, ReadWriter(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailableException($"The ledger folder {folder} cannot be written: {e.Message}", e);
        }

        var writer = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {Environment.MachineName} {now.UtcDateTime:O}\n");
        try
        {
            File.WriteAllText(Path.Combine(folder, LedgerPaths.Writer), writer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream.Dispose();
            throw new LedgerUnavailableException($"The ledger folder {folder} cannot be written: {e.Message}", e);
        }

        return new FolderLock(stream, folder, writer);
    }

    public void Dispose() => _stream.Dispose();

    private static LedgerWriter? ReadWriter(string folder)
    {
        try
        {
            var parts = File.ReadAllText(Path.Combine(folder, LedgerPaths.Writer), Encoding.UTF8).Trim().Split(' ');
            return parts.Length == 3
                && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid)
                && DateTimeOffset.TryParse(parts[2], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
                    ? new LedgerWriter(pid, parts[1], since)
                    : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
