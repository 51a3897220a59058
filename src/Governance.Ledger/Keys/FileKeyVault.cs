using System.Globalization;
using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// Keys in files that only their owner may read: <c>name.kek</c>, then <c>name-2.kek</c> and so on, 32 random bytes each. For development and
/// small installations: overwriting a file reaches neither copies of it nor spare blocks of a solid-state disk. Thread-safe.
/// </summary>
public sealed class FileKeyVault : IKeyVault
{
    private readonly string folder;
    private readonly string name;
    private readonly Lock gate = new();
    private readonly SortedDictionary<int, LocalKeyEncryptionKey> keys = [];

    /// <summary>Opens the vault and makes the first key when there is none.</summary>
    /// <exception cref="LedgerUnavailableException">A file is open to other users, of the wrong length, or cannot be used.</exception>
    public FileKeyVault(string folder, string name)
    {
        (this.folder, this.name) = (folder, name);
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateFiles(folder, name + "*.kek"))
        {
            if (NumberOf(Path.GetFileName(path)) is { } number)
            {
                keys.Add(number, LocalKeyEncryptionKey.FromFile(path));
            }
        }

        if (keys.Count == 0)
        {
            keys.Add(1, LocalKeyEncryptionKey.FromFile(PathOf(1)));
        }
    }

    public string Ending => "file-overwritten";

    public IReadOnlyList<IKeyEncryptionKey> Keys()
    {
        lock (gate)
        {
            return [.. keys.Values];
        }
    }

    public IKeyEncryptionKey Create()
    {
        lock (gate)
        {
            var number = keys.Keys.Max() + 1;
            return keys[number] = LocalKeyEncryptionKey.FromFile(PathOf(number));
        }
    }

    /// <inheritdoc/>
    /// <remarks>Overwrites the file, makes that durable, then removes it. A crash in between leaves a key that opens nothing, destroyed again later.</remarks>
    public bool Destroy(string id)
    {
        lock (gate)
        {
            foreach (var (number, key) in keys.Where(k => string.Equals(k.Value.Id, id, StringComparison.Ordinal)).ToList())
            {
                try
                {
                    var path = PathOf(number);
                    using (var file = PhysicalFiles.Instance.OpenWrite(path))
                    {
                        file.Write(0, RandomNumberGenerator.GetBytes((int)file.Length));
                        file.Sync();
                    }

                    File.Delete(path);
                    PhysicalFiles.Instance.SyncDirectory(folder);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new LedgerUnavailableException($"The key file {PathOf(number)} cannot be destroyed: {e.Message}", e);
                }

                keys.Remove(number);
                key.Dispose();
            }

            return true;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var key in keys.Values)
            {
                key.Dispose();
            }
        }
    }

    private string PathOf(int number) => Path.Combine(folder, number == 1 ? name + ".kek" : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}.kek"));

    private int? NumberOf(string file)
    {
        var middle = file.AsSpan(name.Length, file.Length - name.Length - ".kek".Length);
        return middle.IsEmpty ? 1
            : middle[0] == '-' && int.TryParse(middle[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 1 ? number : null;
    }
}
