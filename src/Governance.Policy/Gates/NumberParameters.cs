using Governance.Core.Inventory;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates;

/// <summary>A pack's numbers, for what is judged outside a rule. Pure functions.</summary>
public static class NumberParameters
{
    /// <summary>The parameter as models of a tier have it; null when the pack has none of this name that is a finite number.</summary>
    public static double? Number(this PolicyPack pack, Tier tier, string name) =>
        !pack.Parameters((int)tier).AsMap.TryGet(name, out var value) ? null
        : value.Kind == CelKind.Double && double.IsFinite(value.AsDouble) ? value.AsDouble
        : value.Kind == CelKind.Int ? value.AsInt
        : null;
}
