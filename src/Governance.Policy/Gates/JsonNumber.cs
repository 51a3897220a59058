using System.Globalization;
using System.Text.Json.Nodes;

namespace Governance.Policy.Gates;

/// <summary>The number in a JSON value, whether it was parsed or built from any of the number types.</summary>
internal static class JsonNumber
{
    public static bool TryDouble(JsonValue json, out double number)
    {
        if (!json.TryGetValue(out number))
        {
            number = json.TryGetValue<long>(out var whole) ? whole
                : json.TryGetValue<int>(out var small) ? small
                : double.Parse(json.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
        }

        return double.IsFinite(number);
    }
}
