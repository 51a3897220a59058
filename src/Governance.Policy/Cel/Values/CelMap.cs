namespace Governance.Policy.Cel;

/// <summary>
/// A map; keys are booleans, integers, unsigned integers or strings, in the order they were written. Immutable and thread-safe.
/// A key is found by any number equal to it: <c>{1: 'a'}[1.0]</c>.
/// </summary>
public sealed class CelMap
{
    private const int LinearLimit = 6;
    private readonly KeyValuePair<CelValue, CelValue>[] entries;
    private Index? index;

    private CelMap(KeyValuePair<CelValue, CelValue>[] entries)
    {
        this.entries = entries;
        long size = 1;
        foreach (ref readonly var entry in entries.AsSpan())
        {
            size = CelSize.Sum(size, CelSize.Sum(CelSize.Of(entry.Key), CelSize.Of(entry.Value)));
        }

        Size = size;
    }

    public static CelMap Empty { get; } = new([]);

    public int Count => entries.Length;

    internal long Size { get; }

    public ReadOnlySpan<KeyValuePair<CelValue, CelValue>> Entries => entries;

    /// <summary>A map of named members: a JSON object, a record. Names must be distinct.</summary>
    public static CelMap OfNames(IEnumerable<KeyValuePair<string, CelValue>> members) =>
        new(members.Select(m => KeyValuePair.Create(CelValue.Of(m.Key), m.Value)).ToArray());

    /// <summary>The same from entries whose keys are distinct names.</summary>
    /// <param name="entries">Not copied: the caller gives it away.</param>
    internal static CelMap Owning(KeyValuePair<CelValue, CelValue>[] entries) => entries.Length == 0 ? Empty : new CelMap(entries);

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
        if (entries.Length > LinearLimit)
        {
            var found = Indexed.ByName.TryGetValue(name, out var at);
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

        if (entries.Length > LinearLimit)
        {
            var found = Indexed.ByKey.TryGetValue(key, out var at);
            value = found ? entries[at].Value : default;
            return found;
        }

        foreach (ref readonly var entry in entries.AsSpan())
        {
            if (CelEquality.AreEqual(entry.Key, key))
            {
                value = entry.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Made at the first look: most maps of an input are never looked into. Two threads may make it; either is right.</summary>
    private Index Indexed
    {
        get
        {
            if (Volatile.Read(ref index) is { } made)
            {
                return made;
            }

            made = new Index(entries);
            Volatile.Write(ref index, made);
            return made;
        }
    }

    private sealed class Index
    {
        public Index(KeyValuePair<CelValue, CelValue>[] entries)
        {
            ByName = new Dictionary<string, int>(entries.Length, StringComparer.Ordinal);
            ByKey = [];
            for (var i = 0; i < entries.Length; i++)
            {
                if (entries[i].Key.Kind == CelKind.String)
                {
                    ByName[entries[i].Key.AsString] = i;
                }
                else
                {
                    ByKey[entries[i].Key] = i;
                }
            }
        }

        public Dictionary<string, int> ByName { get; }

        public Dictionary<CelValue, int> ByKey { get; }
    }
}
