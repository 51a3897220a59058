namespace Governance.Policy.Cel;

/// <summary>
/// A map; keys are booleans, integers, unsigned integers or strings, in the order they were written. Immutable and thread-safe.
/// A key is found by any number equal to it: <c>{1: 'a'}[1.0]</c>.
/// </summary>
public sealed class CelMap
{
    private const int LinearLimit = 6;
    private readonly KeyValuePair<CelValue, CelValue>[] entries;
    private readonly Dictionary<string, int>? byName;
    private readonly Dictionary<CelValue, int>? byKey;

    private CelMap(KeyValuePair<CelValue, CelValue>[] entries)
    {
        this.entries = entries;
        long size = 1;
        foreach (ref readonly var entry in entries.AsSpan())
        {
            size = CelSize.Sum(size, CelSize.Sum(CelSize.Of(entry.Key), CelSize.Of(entry.Value)));
        }

        Size = size;
        if (entries.Length <= LinearLimit)
        {
            return;
        }

        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Key.Kind == CelKind.String)
            {
                (byName ??= new Dictionary<string, int>(entries.Length, StringComparer.Ordinal))[entries[i].Key.AsString] = i;
            }
            else
            {
                (byKey ??= [])[entries[i].Key] = i;
            }
        }
    }

    public static CelMap Empty { get; } = new([]);

    public int Count => entries.Length;

    internal long Size { get; }

    public ReadOnlySpan<KeyValuePair<CelValue, CelValue>> Entries => entries;

    /// <summary>A map of named members: a JSON object, a record. Names must be distinct.</summary>
    public static CelMap OfNames(IEnumerable<KeyValuePair<string, CelValue>> members) =>
        new(members.Select(m => KeyValuePair.Create(CelValue.Of(m.Key), m.Value)).ToArray());

    /// <summary>A map from entries; an error when a key has a type that cannot be a key, or comes twice.</summary>
    public static CelValue Create(List<KeyValuePair<CelValue, CelValue>> entries)
    {
        if (entries.Count == 0)
        {
            return CelValue.Of(Empty);
        }

        var seen = entries.Count > 1 ? new HashSet<CelValue>(entries.Count) : null;
        foreach (var (key, _) in entries)
        {
            if (!IsKey(key))
            {
                return CelValue.Error(CelErrorCode.InvalidArgument, $"unsupported key type: {CelType.Of(key)}");
            }

            if (seen is not null && !seen.Add(key))
            {
                return CelValue.Error(CelErrorCode.InvalidArgument, "Failed with repeated key");
            }
        }

        return CelValue.Of(new CelMap([.. entries]));
    }

    public static bool IsKey(in CelValue key) => key.Kind is CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.String;

    public bool TryGet(string name, out CelValue value)
    {
        if (byName is not null)
        {
            var found = byName.TryGetValue(name, out var at);
            value = found ? entries[at].Value : default;
            return found;
        }

        foreach (ref readonly var entry in entries.AsSpan())
        {
            if (entry.Key.Kind == CelKind.String && string.Equals(entry.Key.AsString, name, StringComparison.Ordinal))
            {
                value = entry.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    public bool TryGet(in CelValue key, out CelValue value)
    {
        if (key.Kind == CelKind.String)
        {
            return TryGet(key.AsString, out value);
        }

        if (byKey is not null)
        {
            var found = byKey.TryGetValue(key, out var at);
            value = found ? entries[at].Value : default;
            return found;
        }

        if (entries.Length <= LinearLimit)
        {
            foreach (ref readonly var entry in entries.AsSpan())
            {
                if (CelEquality.AreEqual(entry.Key, key))
                {
                    value = entry.Value;
                    return true;
                }
            }
        }

        value = default;
        return false;
    }
}
