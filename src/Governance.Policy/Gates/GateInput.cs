using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates;

/// <summary>The input of a gate is not what the schema says: a fault of whoever built it. The message names the places.</summary>
public sealed class GateInputException(IReadOnlyList<string> faults) : Exception("The gate's input does not fit its schema: " + string.Join("; ", faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>
/// Turns a gate's JSON into typed values. Nulls count as absent; members the schema does not know are left out (the digest still covers them); the value
/// of a measure whose status is not ok is left out, so that a rule reading it finds a gap.
/// </summary>
internal sealed class GateInput
{
    private const int MaxFaults = 20;
    private readonly List<string> faults = [];

    /// <exception cref="GateInputException">A value has the wrong form.</exception>
    public static Dictionary<string, CelValue> Convert(JsonObject input, IReadOnlyDictionary<string, CelType> variables)
    {
        var reader = new GateInput();
        var values = new Dictionary<string, CelValue>(StringComparer.Ordinal);
        foreach (var (name, type) in variables)
        {
            if (input[name] is { } node && reader.Value(node, type, name) is { Kind: not CelKind.Absent } value)
            {
                values.Add(name, value);
            }
        }

        return reader.faults.Count == 0 ? values : throw new GateInputException(reader.faults);
    }

    private CelValue Value(JsonNode node, CelType type, string path)
    {
        var value = type.Kind switch
        {
            CelTypeKind.Record => node is JsonObject o ? Members(o, name => type.Fields.GetValueOrDefault(name) ?? type.OtherFields, path, GateSchema.IsMeasure(type)) : default,
            CelTypeKind.Map => node is JsonObject o ? Members(o, _ => type.Parameters[1], path) : default,
            CelTypeKind.List => node is JsonArray a ? Items(a, type.Parameters[0], path) : default,
            _ => node is JsonValue v ? Scalar(v, type) : default,
        };
        if (value.Kind is CelKind.Absent or CelKind.Error && faults.Count < MaxFaults)
        {
            faults.Add($"{path} must be {type.Name}");
        }

        return value;
    }

    private CelValue Members(JsonObject json, Func<string, CelType?> typeOf, string path, bool isMeasure = false)
    {
        var unreliable = isMeasure && json["status"] is JsonValue status && status.TryGetValue<string>(out var text) && text != "ok";
        var members = new List<KeyValuePair<string, CelValue>>(json.Count);
        // In the order of the canonical form, which the input's digest is of: maps are gone through in it, so equal digests give equal decisions.
        foreach (var (name, node) in json.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            if (node is not null && typeOf(name) is { } type && !(unreliable && name == "value"))
            {
                members.Add(KeyValuePair.Create(name, Value(node, type, $"{path}.{name}")));
            }
        }

        return CelValue.Of(CelMap.OfNames(members));
    }

    private CelValue Items(JsonArray json, CelType type, string path)
    {
        var items = new CelValue[json.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = json[i] is { } node ? Value(node, type, $"{path}[{i}]") : CelValue.Null;
        }

        return CelValue.ListOf(items);
    }

    private static CelValue Scalar(JsonValue json, CelType type) => (json.GetValueKind(), type.Kind) switch
    {
        (JsonValueKind.True or JsonValueKind.False, CelTypeKind.Bool) => CelValue.Of(json.GetValueKind() == JsonValueKind.True),
        (JsonValueKind.String, CelTypeKind.String) => CelValue.Of(json.GetValue<string>()),
        (JsonValueKind.String, CelTypeKind.Timestamp) => CelTime.ParseTimestamp(json.GetValue<string>()),
        (JsonValueKind.Number, CelTypeKind.Double) => Real(json),
        (JsonValueKind.Number, CelTypeKind.Int) => Whole(json),
        _ => default,
    };

    private static CelValue Real(JsonValue json) => JsonNumber.TryDouble(json, out var d) ? CelValue.Of(d) : default;

    private static CelValue Whole(JsonValue json) =>
        JsonNumber.TryDouble(json, out var d) && Math.Floor(d) == d && Math.Abs(d) <= 9007199254740992 ? CelValue.Of((long)d) : default;
}
