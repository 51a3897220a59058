using System.Globalization;

namespace Governance.Core.Inventory;

/// <summary>Names of what is numbered within a model: findings <c>home-loans.f3</c>, waivers <c>home-loans.w1</c>. Pure functions.</summary>
public static class Numbered
{
    public static string Finding(string modelId, int number) => string.Create(CultureInfo.InvariantCulture, $"{modelId}.f{number}");

    public static string Waiver(string modelId, int number) => string.Create(CultureInfo.InvariantCulture, $"{modelId}.w{number}");

    /// <summary>The model in a name; empty when the text is no such name.</summary>
    public static string ModelOf(string id) => id.LastIndexOf('.') is > 0 and var dot ? id[..dot] : "";
}
