using System.Globalization;
using Governance.Policy.Cel;

namespace Governance.Policy.Gates;

/// <summary>Whether evidence counts: there, signed and about this version, and not too old.</summary>
/// <param name="maxAge">Days; null when the policy sets no limit; an error value when the limit cannot be found.</param>
internal sealed class EvidenceState(IReadOnlyDictionary<string, CelValue> values, CelValue? maxAge)
{
    private readonly CelMap evidence = values.TryGetValue("evidence", out var value) ? value.AsMap : CelMap.Empty;

    /// <summary>A sentence about the first check whose evidence does not count; null when all do.</summary>
    public string? Missing(IEnumerable<string> checks) => checks.Select(Fault).FirstOrDefault(f => f is not null);

    /// <summary>Result digests of the evidence of some checks.</summary>
    public IReadOnlyList<string> Digests(IEnumerable<string> checks) =>
        [.. checks.Select(c => evidence.TryGet(c, out var item) && item.AsMap.TryGet("digest", out var digest) ? digest.AsString : "")];

    private string? Fault(string check)
    {
        if (!evidence.TryGet(check, out var item))
        {
            return $"No evidence of {check} is attached; run that check for this version.";
        }

        if (!item.AsMap.TryGet("valid", out var valid) || !valid.AsBool)
        {
            return $"The evidence of {check} is not validly signed for this version's model and data; run that check again.";
        }

        if (maxAge is not { } limit)
        {
            return null;
        }

        if (limit.Kind != CelKind.Double || !item.AsMap.TryGet("age_days", out var age))
        {
            return $"The age of the evidence of {check} cannot be told; run that check again.";
        }

        return age.AsDouble <= limit.AsDouble
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"The evidence of {check} is {age.AsDouble:0} days old, older than {limit.AsDouble:0}; run that check again.");
    }
}
