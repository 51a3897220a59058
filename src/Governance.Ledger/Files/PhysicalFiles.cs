using Microsoft.Win32.SafeHandles;

namespace Governance.Ledger;

/// <summary>The operating system's files. Durability is <c>fdatasync</c> and directory <c>fsync</c> on Unix, <c>FlushFileBuffers</c> on Windows.</summary>
internal sealed class PhysicalFiles : IFileLayer
{
    public static PhysicalFiles Instance { get; } = new();

    // Readers share with the writer; the writer's exclusion is FolderLock's business.
    private const FileShare Shared = FileShare.ReadWrite | FileShare.Delete;

    public IFile OpenRead(string path) => new PhysicalFile(File.OpenHandle(path, FileMode.Open, FileAccess.Read, Shared));

    public IFile OpenWrite(string path) => new PhysicalFile(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, Shared));

    public bool Exists(string path) => File.Exists(path);

    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void DeleteIfExists(string path) => File.Delete(path);

    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string path) =>
        Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Select(f => Path.GetFileName(f))] : [];

    public IReadOnlyList<string> ListFolders(string path) =>
        Directory.Exists(path) ? [.. Directory.EnumerateDirectories(path).Select(f => Path.GetFileName(f))] : [];

    public void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    public IFolderLock Lock(string folder, DateTimeOffset now) => FolderLock.Take(folder, now);

    public void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            PosixFiles.SyncDirectory(path);
        }
    }

    private sealed class PhysicalFile(SafeFileHandle handle) : IFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(long offset, Span<byte> buffer)
        {
            var total = 0;
            while (total < buffer.Length)
            {
                var read = RandomAccess.Read(handle, buffer[total..], offset + total);
                if (read == 0)
                {
                    break;
                }

                total += read;
            }

            return total;
        }

        public void Expect(long offset, int length)
        {
            if (OperatingSystem.IsLinux())
            {
                PosixFiles.ReadAhead(handle, offset, length);
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, offset);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        public void Sync()
        {
            if (OperatingSystem.IsLinux())
            {
                PosixFiles.SyncData(handle);
            }
            else
            {
                RandomAccess.FlushToDisk(handle);
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
