using System.Text.Json;
using Governance.Core.Inventory;

namespace Governance.Gateway.Intake;

/// <summary>
/// Reads a reason catalogue: a JSON object of feature and reason. A reason is specific; what comment 9(b)(2) to 12 CFR 1002.9 calls insufficient is refused.
/// Pure.
/// </summary>
internal static class ReasonCatalogueIntake
{
    private const int MostFeatures = 2_000;
    private const int MostFaults = 20;

    /// <summary>Phrases that tell an applicant nothing.</summary>
    private static readonly string[] Insufficient = ["internal standard", "internal polic", "score too low", "qualifying score", "insufficient score"];

    private static readonly JsonSerializerOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    /// <summary>The features that have a reason, and everything wrong with the catalogue.</summary>
    public static (IReadOnlyList<string> Features, IReadOnlyList<string> Faults) Read(ReadOnlySpan<byte> utf8)
    {
        Dictionary<string, string?>? reasons;
        try
        {
            reasons = JsonSerializer.Deserialize<Dictionary<string, string?>>(utf8, Strict);
        }
        catch (JsonException)
        {
            return ([], ["The catalogue must be one JSON object of feature and reason, each feature once: {\"credit_amount\": \"Amount of credit requested\"}."]);
        }

        if (reasons is not { Count: > 0 and <= MostFeatures })
        {
            return ([], [$"The catalogue has 1 to {MostFeatures} features."]);
        }

        return ([.. reasons.Keys.Order(StringComparer.Ordinal)], [.. reasons.SelectMany(r => Faults(r.Key, r.Value)).Take(MostFaults)]);
    }

    private static IEnumerable<string> Faults(string feature, string? reason)
    {
        if (!Text.IsLine(feature, 200))
        {
            yield return "A feature's name is one line of 1 to 200 characters.";
        }
        else if (!Text.IsLine(reason, 300))
        {
            yield return $"{feature}: the reason is one line of 1 to 300 characters.";
        }
        else if (Array.Find(Insufficient, p => reason!.Contains(p, StringComparison.OrdinalIgnoreCase)) is { } phrase)
        {
            yield return $"{feature}: '{phrase}…' does not tell an applicant why (12 CFR 1002.9(b)(2)).";
        }
    }
}
