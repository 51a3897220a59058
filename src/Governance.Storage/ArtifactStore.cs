using System.Security.Cryptography;
using Governance.Core;
using Governance.Ledger;

namespace Governance.Storage;

/// <summary>
/// Files by SHA-256 of their content, in one folder: <c>ab/cdef…</c>. A file is complete and durable before its name exists, is never
/// changed, and is hashed again when it is read whole. Thread-safe; several processes may share the folder.
/// </summary>
public sealed class ArtifactStore
{
    private readonly string folder;
    private readonly string incoming;

    /// <param name="folder">Created when missing.</param>
    public ArtifactStore(string folder)
    {
        this.folder = folder;
        incoming = Path.Combine(folder, "incoming");
        Directory.CreateDirectory(incoming);

        // What a crash left; not what another process is writing at this moment.
        var abandoned = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1);
        foreach (var left in Directory.EnumerateFiles(incoming).Where(f => File.GetLastWriteTimeUtc(f) < abandoned))
        {
            File.Delete(left);
        }
    }

    /// <summary>Stores the content unless it is there, and returns its digest.</summary>
    /// <exception cref="ArtifactSourceException">The content could not be read to its end; nothing is kept.</exception>
    /// <exception cref="ArtifactTooLargeException">The content is longer than <paramref name="longest"/> bytes; nothing is kept.</exception>
    public async Task<Digest> PutAsync(Stream content, long longest, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(incoming, Path.GetRandomFileName());
        try
        {
            Digest digest;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 81920, FileOptions.Asynchronous))
            {
                digest = await CopyAsync(content, file, longest, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            var path = PathOf(digest);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path))
            {
                File.Move(temporary, path, overwrite: true);
                FolderSync.Flush(Path.GetDirectoryName(path)!);
            }

            return digest;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public async Task<Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        return await PutAsync(stream, content.Length, cancellationToken);
    }

    public bool Contains(Digest digest) => File.Exists(PathOf(digest));

    /// <summary>Where the content lies, for readers that need a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such artefact.</exception>
    public string Locate(Digest digest)
    {
        var path = PathOf(digest);
        return File.Exists(path) ? path : throw new FileNotFoundException($"Artefact {digest.Abbreviated} is not in the store.");
    }

    /// <summary>The whole content, verified; null when it is absent or no longer what its name says.</summary>
    public byte[]? Read(Digest digest)
    {
        try
        {
            var content = File.ReadAllBytes(PathOf(digest));
            return Digest.Of(content) == digest ? content : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Whether the stored file still has the digest of its name.</summary>
    public async Task<bool> VerifyAsync(Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(PathOf(digest));
            return await Digest.OfAsync(file, cancellationToken) == digest;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<Digest> CopyAsync(Stream content, FileStream file, long longest, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[81920];
        long total = 0;
        for (int read; (read = await ReadAsync(content, buffer, cancellationToken)) > 0;)
        {
            total += read;
            if (total > longest)
            {
                throw new ArtifactTooLargeException(longest);
            }

            hash.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return Digest.FromHash(hash.GetHashAndReset());
    }

    private static async ValueTask<int> ReadAsync(Stream content, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException e)
        {
            throw new ArtifactSourceException(e);
        }
    }

    private string PathOf(Digest digest) => ArtifactPath.Of(folder, digest);
}

/// <summary>Content is longer than allowed.</summary>
public sealed class ArtifactTooLargeException(long longest) : Exception($"The file is larger than {longest} bytes.")
{
    public long Longest { get; } = longest;
}

/// <summary>Content could not be read to its end: it failed at its source, not here.</summary>
public sealed class ArtifactSourceException(IOException inner) : Exception("The content could not be read to its end.", inner);
