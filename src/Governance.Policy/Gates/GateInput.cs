using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates;

/// <summary>The input of a gate is not what the schema says: a fault of whoever built it. The message names the places.</summary>
public sealed class GateInputException(IReadOnlyList<string> faults) : Exception("The gate's input does not fit its schema: " + string.Join("; ", faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>
/// A gate's input, read and hashed once, for any number of evaluations with any packs. Nulls count as absent; members the schema does not know are left
/// out (the digest still covers them); the value of a measure whose status is not ok is left out, so that a rule reading it finds a gap.
/// Immutable and thread-safe.
/// </summary>
public sealed class GateFacts
{
    /// <summary>Packs differ in the checks they know by name, not in the form of what a check reports.</summary>
    private static readonly IReadOnlyDictionary<string, CelType> Schema = GateSchema.Variables(new Dictionary<string, IReadOnlyList<string>>());

    private GateFacts(IReadOnlyDictionary<string, CelValue> values, Digest digest) => (Values, Digest) = (values, digest);

    /// <summary>Over the canonical form of the whole input.</summary>
    public Digest Digest { get; }

    internal IReadOnlyDictionary<string, CelValue> Values { get; }

    /// <exception cref="GateInputException">A value has the wrong form.</exception>
    public static GateFacts Read(JsonObject input) => new(new GateInputReader().Read(input, Schema), CanonicalJson.Digest(input));

    internal bool Find(string name, string member, out CelValue value)
    {
        value = default;
        return Values.TryGetValue(name, out var map) && map.AsMap.TryGet(member, out value);
    }

    internal ReadOnlySpan<CelValue> List(string name) => Values.TryGetValue(name, out var list) ? list.AsList.Items : [];
}

/// <summary>Turns JSON into typed values. One use.</summary>
internal sealed class GateInputReader
{
    private const int MaxFaults = 20;
    private static readonly Comparer<KeyValuePair<CelValue, CelValue>> ByName =
        Comparer<KeyValuePair<CelValue, CelValue>>.Create((a, b) => string.CompareOrdinal(a.Key.AsString, b.Key.AsString));

    private readonly List<string> faults = [];

    /// <summary>Where the reader is: member names, or positions in a list. Written out only for a fault.</summary>
    private readonly Stack<(string? Name, int Index)> path = new();

    /// <exception cref="GateInputException">A value has the wrong form.</exception>
    public Dictionary<string, CelValue> Read(JsonObject input, IReadOnlyDictionary<string, CelType> variables)
    {
        var values = new Dictionary<string, CelValue>(StringComparer.Ordinal);
        foreach (var (name, type) in variables)
        {
            if (input[name] is { } node && Value(node, type, name) is { Kind: not CelKind.Absent } value)
            {
                values.Add(name, value);
            }
        }

        return faults.Count == 0 ? values : throw new GateInputException(faults);
    }

    private CelValue Value(JsonNode node, CelType type, string? name, int index = 0)
    {
        path.Push((name, index));
        var value = type.Kind switch
        {
            CelTypeKind.Record => node is JsonObject o ? Members(o, type) : default,
            CelTypeKind.Map => node is JsonObject o ? Members(o, type) : default,
            CelTypeKind.List => node is JsonArray a ? Items(a, type.Parameters[0]) : default,
            _ => node is JsonValue v ? Scalar(v, type) : default,
        };
        if (value.Kind is CelKind.Absent or CelKind.Error && faults.Count < MaxFaults)
        {
            faults.Add($"{Place()} must be {type.Name}");
        }

        path.Pop();
        return value;
    }

    private CelValue Members(JsonObject json, CelType type)
    {
        var record = type.Kind == CelTypeKind.Record;
        var unreliable = record && GateSchema.IsMeasure(type) && json["status"] is JsonValue status && status.TryGetValue<string>(out var text) && text != "ok";
        var members = new KeyValuePair<CelValue, CelValue>[json.Count];
        var count = 0;
        foreach (var (name, node) in json)
        {
            var memberType = !record ? type.Parameters[1] : type.Fields.TryGetValue(name, out var declared) ? declared : type.OtherFields;
            if (node is not null && memberType is not null && !(unreliable && name == "value"))
            {
                members[count++] = KeyValuePair.Create(CelValue.Of(name), Value(node, memberType, name));
            }
        }

        // The order of the canonical form, which the input's digest is of: maps are gone through in it, so equal digests give equal decisions.
        Array.Sort(members, 0, count, ByName);
        return CelValue.Of(CelMap.Owning(count == members.Length ? members : members[..count]));
    }

    private CelValue Items(JsonArray json, CelType type)
    {
        var items = new CelValue[json.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = json[i] is { } node ? Value(node, type, null, i) : CelValue.Null;
        }

        return CelValue.ListOf(items);
    }

    private static CelValue Scalar(JsonValue json, CelType type) => (json.GetValueKind(), type.Kind) switch
    {
        (JsonValueKind.True, CelTypeKind.Bool) => CelValue.True,
        (JsonValueKind.False, CelTypeKind.Bool) => CelValue.False,
        (JsonValueKind.String, CelTypeKind.String) => CelValue.Of(json.GetValue<string>()),
        (JsonValueKind.String, CelTypeKind.Timestamp) => CelTime.ParseTimestamp(json.GetValue<string>()),
        (JsonValueKind.Number, CelTypeKind.Double) => Real(json),
        (JsonValueKind.Number, CelTypeKind.Int) => Whole(json),
        _ => default,
    };

    private static CelValue Real(JsonValue json) => JsonNumber.TryDouble(json, out var d) ? CelValue.Of(d) : default;

    private static CelValue Whole(JsonValue json) =>
        JsonNumber.TryDouble(json, out var d) && Math.Floor(d) == d && Math.Abs(d) <= 9007199254740992 ? CelValue.Of((long)d) : default;

    /// <summary><c>evidence.validation.stability.measures</c>, <c>signoffs[2].role</c>.</summary>
    private string Place()
    {
        var place = new StringBuilder();
        foreach (var (name, index) in path.Reverse())
        {
            _ = name is null ? place.Append(CultureInfo.InvariantCulture, $"[{index}]") : place.Append(place.Length == 0 ? "" : ".").Append(name);
        }

        return place.ToString();
    }
}
