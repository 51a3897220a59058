using System.Globalization;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Yaml;

namespace Governance.Policy.Gates.Documents;

/// <summary>The value of a parameter: one <c>value</c> for all tiers, or <c>tiers: [a, b, c]</c> for tiers 1, 2 and 3.</summary>
internal static class ParameterValues
{
    public static (CelType Type, IReadOnlyList<CelValue> ByTier)? Read(YamlFields item)
    {
        var kind = item.Choice("type", "number", "integer", "text", "texts", "boolean");
        var type = kind switch
        {
            "integer" => CelType.Int,
            "text" => CelType.String,
            "texts" => CelType.ListOf(CelType.String),
            "boolean" => CelType.Bool,
            _ => CelType.Double,
        };
        var single = item.Find("value");
        var tiers = item.Items("tiers");
        if ((single is null) == (tiers.Count == 0) || (single is null && tiers.Count != 3))
        {
            item.Report(item.Node, "a parameter has either 'value' or 'tiers' with three values, for tiers 1, 2 and 3");
            return null;
        }

        var nodes = single is null ? tiers : [single, single, single];
        var values = nodes.Select(n => Value(n, type)).ToList();
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].Kind == CelKind.Absent)
            {
                item.Report(nodes[i], $"expected a {kind} here");
                return null;
            }
        }

        return (type, values);
    }

    private static CelValue Value(YamlNode node, CelType type) => (node, type.Kind) switch
    {
        (YamlScalar s, CelTypeKind.Double) when double.TryParse(s.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) && double.IsFinite(d) => CelValue.Of(d),
        (YamlScalar s, CelTypeKind.Int) when long.TryParse(s.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) => CelValue.Of(i),
        (YamlScalar s, CelTypeKind.String) => CelValue.Of(s.Text),
        (YamlScalar { Text: "true" or "false" } s, CelTypeKind.Bool) => CelValue.Of(s.Text == "true"),
        (YamlSequence items, CelTypeKind.List) when items.Items.All(i => i is YamlScalar) =>
            CelValue.ListOf([.. items.Items.Select(i => CelValue.Of(((YamlScalar)i).Text))]),
        _ => default,
    };
}
