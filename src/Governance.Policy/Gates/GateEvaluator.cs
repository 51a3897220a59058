using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Core.Gates;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Documents;

namespace Governance.Policy.Gates;

/// <summary>
/// Evaluates a gate: a pure function of pack, parameters and input, so a decision can be replayed byte for byte. Time is <c>request.time</c> of the input.
/// Stateless and thread-safe.
/// </summary>
public static class GateEvaluator
{
    /// <param name="gate">One of <see cref="GateSchema.Gates"/>.</param>
    /// <param name="input">As <see cref="GateSchema"/> declares; <c>params</c> comes from the pack and is ignored here.</param>
    /// <exception cref="GateInputException">The input does not fit the schema, or is for another gate.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static GateDecision Evaluate(PolicyPack pack, string gate, JsonObject input, CancellationToken cancellationToken = default) =>
        Evaluate(pack, gate, GateFacts.Read(input), null, cancellationToken);

    /// <summary>The same for an input that was read before: to ask several packs, or several gates.</summary>
    public static GateDecision Evaluate(PolicyPack pack, string gate, GateFacts facts, CancellationToken cancellationToken = default) =>
        Evaluate(pack, gate, facts, null, cancellationToken);

    /// <param name="skipped">Receives the rules that did not apply, of policies that did.</param>
    internal static GateDecision Evaluate(PolicyPack pack, string gate, GateFacts facts, ICollection<string>? skipped, CancellationToken cancellationToken)
    {
        var scope = Scope.Of(gate, facts);
        var parameters = scope.Tier is >= 1 and <= 3 ? pack.Parameters(scope.Tier) : default;
        var outcomes = new List<RuleOutcome>(pack.RuleCount);
        foreach (var policy in pack.Policies)
        {
            if (scope.Covers(policy))
            {
                new PolicyEvaluation(policy, facts, parameters, skipped, cancellationToken).Run(outcomes);
            }
        }

        var blocking = outcomes.FindAll(o => o.Blocks);
        var waiting = blocking.TrueForAll(o => o.WaitingFor is not null);
        return new GateDecision
        {
            Gate = gate,
            Status = blocking.Count == 0 ? GateStatus.Allowed : waiting ? GateStatus.Waiting : GateStatus.Denied,
            Policy = pack.Label,
            PolicyDigest = pack.Digest,
            ParamsDigest = pack.ParamsDigest,
            InputDigest = facts.Digest,
            Rules = outcomes,
            WaitingFor = waiting ? [.. blocking.Select(o => o.WaitingFor!).Distinct(StringComparer.Ordinal)] : [],
        };
    }

    /// <summary>The policies whose bindings cover an input, the input as values, and the parameters of its tier.</summary>
    /// <exception cref="GateInputException">The input does not fit the schema, or is for another gate.</exception>
    internal static (IReadOnlyList<CompiledPolicy> Policies, GateFacts Facts, CelValue Parameters) Prepare(PolicyPack pack, string gate, JsonObject input)
    {
        var facts = GateFacts.Read(input);
        var scope = Scope.Of(gate, facts);
        return ([.. pack.Policies.Where(scope.Covers)], facts, scope.Tier is >= 1 and <= 3 ? pack.Parameters(scope.Tier) : default);
    }

    /// <summary>The bytes whose digest a decision names as its input: equal inputs give equal bytes.</summary>
    public static byte[] Canonical(JsonObject input) => CanonicalJson.Bytes(input);

    /// <summary>What a binding is compared with.</summary>
    private sealed record Scope(string Gate, string Target, long Tier, string TierName, IReadOnlyList<string> Jurisdictions)
    {
        public static Scope Of(string gate, GateFacts facts)
        {
            if (!GateSchema.Gates.Contains(gate) || (facts.Find("request", "gate", out var named) && named.AsString != gate))
            {
                throw new GateInputException([$"request.gate must be the gate that is evaluated, '{gate}', and one of {string.Join(", ", GateSchema.Gates)}"]);
            }

            var tier = facts.Find("model", "tier", out var found) ? found.AsInt : 0;
            return new Scope(
                gate,
                facts.Find("request", "target", out var target) ? target.AsString : "",
                tier,
                tier.ToString(CultureInfo.InvariantCulture),
                facts.Find("model", "jurisdictions", out var list) ? [.. list.AsList.Items.ToArray().Select(j => j.AsString)] : []);
        }

        public bool Covers(CompiledPolicy policy)
        {
            foreach (var binding in policy.Bindings)
            {
                if (Covers(binding))
                {
                    return true;
                }
            }

            return false;
        }

        private bool Covers(BindingDocument binding) =>
            binding.Covers(Gate)
            && (Target.Length == 0 || Holds(binding.Targets, Target))
            && Holds(binding.Tiers, TierName)
            && (binding.Jurisdictions.Count == 0 || binding.Jurisdictions.Intersect(Jurisdictions, StringComparer.Ordinal).Any());

        private static bool Holds(IReadOnlyList<string> list, string value) => list.Count == 0 || list.Contains(value);
    }
}
