using Governance.Policy.Cel;
using Governance.Policy.Gates.Documents;

namespace Governance.Policy.Gates;

/// <summary>The parts of the input that change how a rule's outcome counts: time, waivers, sign-offs.</summary>
internal sealed class SignedFacts(GateFacts input)
{
    private const int WaiverApprovers = 2;

    /// <summary>Whether a rule is in force at the time of the request; without a time, dated rules are.</summary>
    public bool InForce(ValidationDocument rule)
    {
        if ((rule.EffectiveFrom is null && rule.EffectiveUntil is null) || !input.Find("request", "time", out var time))
        {
            return true;
        }

        return !(rule.EffectiveFrom is { } from && CelEquality.Compare(time, CelValue.Of(from)) < 0)
            && !(rule.EffectiveUntil is { } until && CelEquality.Compare(time, CelValue.Of(until)) >= 0);
    }

    /// <summary>
    /// The waiver of a rule that is in force: for this target, in force as the input's builder found it, not expired, and approved by two different people
    /// of different lines. An input without a waiver's target, state or lines leaves these to its builder.
    /// </summary>
    /// <returns>Its name, empty when it has none, and a sentence about it; null when there is none.</returns>
    public (string Id, string Sentence)? Waiver(string rule)
    {
        if (!input.Find("request", "time", out var now))
        {
            return null;
        }

        input.Find("request", "target", out var target);
        foreach (ref readonly var item in input.List("waivers"))
        {
            if (item.Kind != CelKind.Map || !item.AsMap.TryGet("rule", out var waived) || waived.AsString != rule)
            {
                continue;
            }

            var waiver = item.AsMap;
            if (waiver.TryGet("expires", out var expires) && CelEquality.Compare(now, expires) < 0
                && (!waiver.TryGet("state", out var state) || state.AsString == "active")
                && (!waiver.TryGet("target", out var environment) || target.Kind != CelKind.String || environment.AsString == target.AsString)
                && (!waiver.TryGet("lines", out var lines) || Distinct(lines.AsList).Count >= WaiverApprovers)
                && waiver.TryGet("approvers", out var approvers) && Distinct(approvers.AsList) is { Count: >= WaiverApprovers } people)
            {
                var id = waiver.TryGet("id", out var name) ? name.AsString : "";
                return (id, $"Waived until {CelText.Display(expires)} by {string.Join(" and ", people)}{(id.Length > 0 ? $" ({id})" : "")}.");
            }
        }

        return null;
    }

    /// <summary>
    /// Who of a role approved with all of these evidence digests in front of them; null when nobody did. A sign-off without digests was
    /// bound to the evidence by whoever built the input.
    /// </summary>
    public string? ReviewedBy(string role, IReadOnlyList<string> digests)
    {
        foreach (ref readonly var item in input.List("signoffs"))
        {
            if (item.Kind == CelKind.Map && item.AsMap.TryGet("role", out var signed) && signed.AsString == role
                && item.AsMap.TryGet("meaning", out var meaning) && meaning.AsString.StartsWith("approved", StringComparison.Ordinal)
                && item.AsMap.TryGet("person", out var person)
                && (!item.AsMap.TryGet("evidence_digests", out var seen) || digests.All(d => seen.AsList.Contains(CelValue.Of(d)))))
            {
                return person.AsString;
            }
        }

        return null;
    }

    private static List<string> Distinct(CelList people)
    {
        var distinct = new SortedSet<string>(StringComparer.Ordinal);
        foreach (ref readonly var person in people.Items)
        {
            distinct.Add(CelText.Display(person));
        }

        return [.. distinct];
    }
}
