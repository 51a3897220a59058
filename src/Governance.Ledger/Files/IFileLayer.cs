namespace Governance.Ledger;

/// <summary>
/// Every system call the ledger makes on its folder, so that tests can make each of them fail. Failures are
/// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>. Thread-safe.
/// </summary>
internal interface IFileLayer
{
    /// <summary>Opens an existing file for reading; throws <see cref="FileNotFoundException"/> when there is none.</summary>
    IFile OpenRead(string path);

    /// <summary>Opens a file for reading and writing, creating it empty when there is none.</summary>
    IFile OpenWrite(string path);

    bool Exists(string path);

    void Rename(string from, string to);

    /// <summary>Does nothing when there is no such file.</summary>
    void DeleteIfExists(string path);

    void CreateDirectory(string path);

    /// <summary>Names of the files directly in the folder; none when there is no folder.</summary>
    IReadOnlyList<string> ListFiles(string path);

    /// <summary>Names of the folders directly in the folder; none when there is no folder.</summary>
    IReadOnlyList<string> ListFolders(string path);

    /// <summary>Deletes a folder and the files in it; does nothing when there is none.</summary>
    void DeleteFolder(string path);

    /// <summary>Makes this process the folder's only writer until disposed.</summary>
    /// <exception cref="LedgerLockedException">There is another.</exception>
    IFolderLock Lock(string folder, DateTimeOffset now);

    /// <summary>Makes creations, renames and deletions in the directory durable.</summary>
    void SyncDirectory(string path);
}

/// <summary>That this process is a folder's only writer, until disposed.</summary>
internal interface IFolderLock : IDisposable
{
    /// <summary>Whether the folder still names this process as its writer. A lock that another system or hand took away does not hold.</summary>
    bool IsHeld { get; }
}

/// <summary>A random-access file. Reads and writes of disjoint ranges may run concurrently.</summary>
internal interface IFile : IDisposable
{
    long Length { get; }

    /// <summary>Reads until the buffer is full or the file ends; returns the bytes read.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Says that the range will be read soon, and returns at once. A hint: it changes nothing and never fails.</summary>
    void Expect(long offset, int length);

    /// <summary>Writes all bytes or throws.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    void SetLength(long length);

    /// <summary>Returns only when everything written is on stable storage.</summary>
    void Sync();
}
