using System.Globalization;

namespace Governance.Ledger;

/// <summary>
/// Keys that a vault's agent gives to the process: one <c>version:base64</c> a line (or separated by spaces), version a whole number from 1,
/// 32 bytes each, in an environment variable or in a file the agent rewrites. The highest version is the newest. To roll, give the next
/// version beside the old one; to end the old one, destroy it in the vault and give it no longer. Thread-safe.
/// </summary>
public sealed class InjectedKeyVault : IKeyVault
{
    private const int MostKeys = 16;
    private readonly Func<string?> read;
    private readonly string source;
    private readonly Lock gate = new();
    private readonly SortedDictionary<int, LocalKeyEncryptionKey> known = [];

    private InjectedKeyVault(string source, Func<string?> read) => (this.source, this.read) = (source, read);

    public string Ending => "withdrawn";

    public static InjectedKeyVault FromEnvironment(string variable) =>
        new($"The environment variable {variable}", () => Environment.GetEnvironmentVariable(variable));

    /// <summary>The file is read again at every roll. Only its owner may read it.</summary>
    public static InjectedKeyVault FromFile(string path) => new($"The file {path}", () => OwnerOnlyFile.ReadText(path));

    /// <exception cref="LedgerUnavailableException">Nothing, or something else than keys, is given. The message holds nothing of it.</exception>
    public IReadOnlyList<IKeyEncryptionKey> Keys()
    {
        lock (gate)
        {
            var given = Parse(read());
            foreach (var (version, key) in given)
            {
                if (known.TryGetValue(version, out var same))
                {
                    key.Dispose();
                    if (!string.Equals(same.Id, key.Id, StringComparison.Ordinal))
                    {
                        throw new LedgerUnavailableException($"{source} gives another key as version {version} than before.");
                    }
                }
                else
                {
                    known.Add(version, key);
                }
            }

            // A key that is no longer given stays usable by who holds it, and is not offered again.
            foreach (var version in known.Keys.Except(given.Keys).ToList())
            {
                known.Remove(version);
            }

            return [.. known.Values];
        }
    }

    public IKeyEncryptionKey? Create() => null;

    public bool Destroy(string id) => false;

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var key in known.Values)
            {
                key.Dispose();
            }
        }
    }

    private Dictionary<int, LocalKeyEncryptionKey> Parse(string? text)
    {
        var keys = new Dictionary<int, LocalKeyEncryptionKey>();
        var words = (text ?? "").Split((char[])[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words)
        {
            var colon = word.IndexOf(':', StringComparison.Ordinal);
            if (words.Length > MostKeys || colon < 1
                || !int.TryParse(word.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1
                || LocalKeyEncryptionKey.FromBase64(word.AsSpan(colon + 1), version) is not { } key || !keys.TryAdd(version, key))
            {
                throw Unusable();
            }
        }

        return keys.Count > 0 ? keys : throw Unusable();
    }

    private LedgerUnavailableException Unusable() => new($"{source} must give 1 to {MostKeys} keys, each as version:base64 of 32 bytes, each version once.");
}
