using System.Globalization;
using System.Text.Json.Nodes;

namespace Governance.Policy.Gates;

/// <summary>The number in a JSON value, whether it was parsed or built from any of the number types.</summary>
internal static class JsonNumber
{
    public static bool TryDouble(JsonValue json, out double number) =>
        double.TryParse(json.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
