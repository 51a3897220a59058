using System.Text.Json;
using Governance.Core;
using Governance.Core.Inventory;

namespace Governance.Data;

/// <summary>Rules by feature as a JSON object: what <c>--features</c> names and a run may bring. Pure and thread-safe.</summary>
public static class FeatureRuleFile
{
    /// <summary>Largest document, in bytes.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>The rules, or a sentence that says what is wrong with them.</summary>
    /// <param name="utf8">JSON of feature name to <see cref="FeatureRule"/>.</param>
    /// <param name="features">Features of the model; a rule of any other is a fault.</param>
    public static (IReadOnlyDictionary<string, FeatureRule>? Rules, string? Fault) Read(ReadOnlySpan<byte> utf8, IReadOnlyCollection<string> features)
    {
        if (utf8.Length > MaxBytes)
        {
            return (null, $"Feature rules have at most {MaxBytes} bytes.");
        }

        try
        {
            var rules = GovernanceJson.Deserialize<Dictionary<string, FeatureRule?>>(utf8);
            foreach (var (feature, rule) in rules)
            {
                if (!features.Contains(feature))
                {
                    return (null, $"{(Text.IsLine(feature, 200) ? $"'{feature}'" : "One name")} is no feature of this model.");
                }

                if ((rule is null ? "has no rule." : rule.Fault()) is { } fault)
                {
                    return (null, $"'{feature}' {fault}");
                }
            }

            return (rules.ToDictionary(r => r.Key, r => r.Value!, StringComparer.Ordinal), null);
        }
        catch (JsonException e)
        {
            return (null, $"Not an object of feature names and rules, at {e.Path ?? "$"}.");
        }
    }

    /// <summary>The rules of the schema with those of the file in their place.</summary>
    public static IReadOnlyDictionary<string, FeatureRule> Over(IReadOnlyDictionary<string, FeatureRule> schema, IReadOnlyDictionary<string, FeatureRule> file)
    {
        var rules = new Dictionary<string, FeatureRule>(schema, StringComparer.Ordinal);
        foreach (var (feature, rule) in file)
        {
            rules[feature] = rule;
        }

        return rules;
    }
}
