using System.Text.Json.Nodes;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates;

/// <summary>Values as JSON, for decisions: small ones whole, large ones as their size.</summary>
internal static class CelJson
{
    private const int MaxSize = 40;

    public static JsonNode? Node(in CelValue value) => value.Kind switch
    {
        CelKind.Bool => value.AsBool,
        CelKind.Int => value.AsInt,
        CelKind.Uint => value.AsUint,
        CelKind.Double => double.IsFinite(value.AsDouble) ? value.AsDouble : CelText.Double(value.AsDouble),
        CelKind.Null or CelKind.Absent or CelKind.Error => null,
        CelKind.List when CelSize.Of(value) <= MaxSize => new JsonArray([.. value.AsList.Items.ToArray().Select(i => Node(i))]),
        CelKind.Map when CelSize.Of(value) <= MaxSize => Members(value.AsMap),
        CelKind.List => new JsonObject { ["size"] = value.AsList.Count },
        CelKind.Map => new JsonObject { ["size"] = value.AsMap.Count },
        _ => CelText.Display(value),
    };

    private static JsonObject Members(CelMap map)
    {
        var json = new JsonObject();
        foreach (var (key, value) in map.Entries)
        {
            json[CelText.Display(key)] = Node(value);
        }

        return json;
    }
}
