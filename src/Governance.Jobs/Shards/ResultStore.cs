using Governance.Core;

namespace Governance.Jobs.Shards;

/// <summary>
/// Results of work items by key, in a folder that all nodes share: <c>ab/KEY.DIGEST</c>. A file has its name only when it is whole, and its name
/// holds the digest of its content, so a torn, altered or misplaced file is as good as absent: what is lost is computed again. Thread-safe;
/// many processes may share the folder.
/// </summary>
public sealed class ResultStore
{
    private const int MaxResultBytes = 1 << 30;
    private readonly string folder;

    /// <param name="folder">Created when missing.</param>
    public ResultStore(string folder)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>Whether a result has the key, without reading it.</summary>
    public bool Contains(Digest key) => Candidates(key).Any();

    /// <summary>The result of a key, verified; null when there is none that is whole.</summary>
    /// <exception cref="ResultConflictException">Two different results have the key.</exception>
    public StoredResult? Find(Digest key)
    {
        StoredResult? found = null;
        foreach (var path in Candidates(key))
        {
            if (Read(path) is not { } content)
            {
                continue;
            }

            if (found is not null && found.Digest != content.Digest)
            {
                throw new ResultConflictException(key);
            }

            found = content;
        }

        return found;
    }

    /// <summary>Whether a result has the key and is whole: what was altered is as good as lost. Two different ones are there, and are told by who reads them.</summary>
    public bool HasWhole(Digest key)
    {
        try
        {
            return Find(key) is not null;
        }
        catch (ResultConflictException)
        {
            return true;
        }
    }

    /// <summary>Stores the result of a key. Storing the same again changes nothing.</summary>
    /// <returns>The digest of the content.</returns>
    public Digest Put(Digest key, ReadOnlyMemory<byte> content)
    {
        var digest = Digest.Of(content.Span);
        var path = Path.Combine(FolderOf(key), $"{key.Hex}.{digest.Hex}");
        if (Read(path) is null)
        {
            Directory.CreateDirectory(FolderOf(key));
            var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
            try
            {
                File.WriteAllBytes(temporary, content.Span);
                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }

        return digest;
    }

    /// <summary>Removes what is stored under a key, so that it is computed again.</summary>
    public void Remove(Digest key)
    {
        foreach (var path in Candidates(key))
        {
            File.Delete(path);
        }
    }

    private static StoredResult? Read(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            using var file = File.OpenRead(path);
            if (file.Length > MaxResultBytes)
            {
                return null;
            }

            var content = new byte[file.Length];
            file.ReadExactly(content);
            var digest = Digest.Of(content);
            return Path.GetExtension(path.AsSpan())[1..].SequenceEqual(digest.Hex) ? new StoredResult(digest, content) : null;
        }
        catch (IOException)
        {
            // Removed, or cut short, while it was read: not there.
            return null;
        }
    }

    private IEnumerable<string> Candidates(Digest key) => Directory.Exists(FolderOf(key))
        ? Directory.EnumerateFiles(FolderOf(key), key.Hex + ".*").Where(p => !p.EndsWith(".tmp", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        : [];

    private string FolderOf(Digest key) => Path.Combine(folder, key.Hex[..2]);
}

/// <summary>A verified result.</summary>
/// <param name="Digest">Of the content.</param>
public sealed record StoredResult(Digest Digest, ReadOnlyMemory<byte> Content);

/// <summary>Two computations of one work item gave different bytes: the nodes do not run the same code, or a check is not deterministic.</summary>
public sealed class ResultConflictException(Digest key)
    : Exception($"Two different results are stored for the same work ({key.Abbreviated}): the nodes differ, or the check is not deterministic. Run again with --no-cache on one node to find out.");
