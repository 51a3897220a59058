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
    public static GateDecision Evaluate(PolicyPack pack, string gate, JsonObject input, CancellationToken cancellationToken = default)
    {
        var (policies, values) = Prepare(pack, gate, input);
        var outcomes = new List<RuleOutcome>();
        foreach (var policy in policies)
        {
            outcomes.AddRange(new PolicyEvaluation(policy, values, cancellationToken).Run());
        }

        var blocking = outcomes.Where(o => o.Blocks).ToList();
        var waiting = blocking.TrueForAll(o => o.WaitingFor is not null);
        return new GateDecision
        {
            Gate = gate,
            Status = blocking.Count == 0 ? GateStatus.Allowed : waiting ? GateStatus.Waiting : GateStatus.Denied,
            Policy = $"{pack.Name} {pack.Version}",
            PolicyDigest = pack.Digest,
            ParamsDigest = pack.ParamsDigest,
            InputDigest = CanonicalJson.Digest(input),
            Rules = outcomes,
            WaitingFor = waiting ? [.. blocking.Select(o => o.WaitingFor!).Distinct(StringComparer.Ordinal)] : [],
        };
    }

    /// <summary>The policies whose bindings cover an input, and the input as values, with the parameters of its tier.</summary>
    /// <exception cref="GateInputException">The input does not fit the schema, or is for another gate.</exception>
    internal static (IReadOnlyList<CompiledPolicy> Policies, Dictionary<string, CelValue> Values) Prepare(PolicyPack pack, string gate, JsonObject input)
    {
        var values = GateInput.Convert(input, pack.Schema);
        values.Remove("params");
        var scope = Scope.Of(gate, values);
        if (scope.Tier is >= 1 and <= 3)
        {
            values["params"] = pack.Parameters(scope.Tier);
        }

        return ([.. pack.Policies.Where(p => p.Bindings.Any(scope.Covers))], values);
    }

    /// <summary>The bytes whose digest a decision names as its input: equal inputs give equal bytes.</summary>
    public static byte[] Canonical(JsonObject input) => CanonicalJson.Bytes(input);

    /// <summary>What a binding is compared with.</summary>
    private sealed record Scope(string Gate, string Target, long Tier, IReadOnlyList<string> Jurisdictions)
    {
        public static Scope Of(string gate, Dictionary<string, CelValue> values)
        {
            var request = Member(values, "request");
            var model = Member(values, "model");
            if (!GateSchema.Gates.Contains(gate) || (request.TryGet("gate", out var named) && named.AsString != gate))
            {
                throw new GateInputException([$"request.gate must be the gate that is evaluated, '{gate}', and one of {string.Join(", ", GateSchema.Gates)}"]);
            }

            return new Scope(
                gate,
                request.TryGet("target", out var target) ? target.AsString : "",
                model.TryGet("tier", out var tier) ? tier.AsInt : 0,
                model.TryGet("jurisdictions", out var list) ? [.. list.AsList.Items.ToArray().Select(j => j.AsString)] : []);
        }

        public bool Covers(BindingDocument binding) =>
            binding.Covers(Gate)
            && (Target.Length == 0 || Holds(binding.Targets, Target))
            && Holds(binding.Tiers, Tier.ToString(System.Globalization.CultureInfo.InvariantCulture))
            && (binding.Jurisdictions.Count == 0 || binding.Jurisdictions.Intersect(Jurisdictions, StringComparer.Ordinal).Any());

        private static bool Holds(IReadOnlyList<string> list, string value) => list.Count == 0 || list.Contains(value);

        private static CelMap Member(Dictionary<string, CelValue> values, string name) =>
            values.TryGetValue(name, out var value) ? value.AsMap : CelMap.Empty;
    }
}
