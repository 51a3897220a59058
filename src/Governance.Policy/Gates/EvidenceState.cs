using System.Globalization;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Documents;

namespace Governance.Policy.Gates;

/// <summary>Whether evidence counts (there, signed and about this version, not too old) and whether documents do (attached, not expired).</summary>
/// <param name="maxAge">Days; null when the policy sets no limit; an error value when the limit cannot be found.</param>
internal sealed class EvidenceState(GateFacts input, CelValue? maxAge)
{
    private readonly CelMap evidence = input.Values.TryGetValue("evidence", out var value) ? value.AsMap : CelMap.Empty;
    private readonly CelMap documents = input.Values.TryGetValue("documents", out var value) ? value.AsMap : CelMap.Empty;

    /// <summary>A sentence about the first check or document of a rule that does not count; null when all do.</summary>
    public string? Missing(ValidationDocument rule)
    {
        foreach (var (check, _) in rule.Requires)
        {
            if (Fault(check) is { } fault)
            {
                return fault;
            }
        }

        foreach (var (kind, _) in rule.Documents)
        {
            if (!documents.TryGet(kind, out var document))
            {
                return $"No document of kind {kind} is attached to this version; attach it.";
            }

            if (!document.AsMap.TryGet("current", out var current) || !current.AsBool)
            {
                return $"The document of kind {kind} has expired; attach a current one.";
            }
        }

        return null;
    }

    /// <summary>Digests of the evidence a rule requires.</summary>
    public IReadOnlyList<string> Digests(ValidationDocument rule) =>
        [.. rule.Requires.Select(r => evidence.TryGet(r.Check, out var item) && item.AsMap.TryGet("digest", out var digest) ? digest.AsString : "")];

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
