using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Governance.Core.Gates;
using Governance.Policy.Cel;
using Governance.Policy.Gates;

namespace Governance.Policy.Guards;

/// <summary>One inference request, as guards see it.</summary>
/// <param name="Actor">The bank application that asks.</param>
/// <param name="Purpose">What the answer is for; null when the request does not say.</param>
/// <param name="Jurisdiction">Where the person lives; null when the request does not say.</param>
/// <param name="Rows">At least one.</param>
/// <param name="Features">Row-major, <paramref name="Rows"/> times the features the guard was made with.</param>
/// <param name="Seen">By feature the range its training data had, null for one without; null while that is not known, which is a gap for rules that read it.</param>
public readonly record struct GuardedRequest(
    string Actor, string? Purpose, string? Jurisdiction, int Rows, DateTimeOffset Time, ReadOnlyMemory<float> Features, IReadOnlyList<(double Least, double Greatest)?>? Seen = null);

/// <summary>Why a request is not answered. Immutable; holds nothing of the request.</summary>
/// <param name="Status">A violation, or a gap: the rule could not be evaluated, which refuses too.</param>
public sealed record GuardRefusal(string Rule, string Title, RuleStatus Status, string Message, string Citation, string Remediation);

/// <summary>
/// The rules of a pack that are asked at every request of one version, ready to run: bindings are resolved, <c>model</c>, <c>version</c> and
/// <c>params</c> are set once. A request that every rule allows costs the evaluation and one small map; without rules it costs nothing.
/// Thread-safe.
/// </summary>
public sealed class ServeGuard
{
    private readonly IReadOnlyList<CompiledPolicy> policies;
    private readonly IReadOnlyDictionary<string, CelValue> fixedValues;
    private readonly string[] features;
    private readonly bool readsInputs;
    private readonly ConcurrentBag<CelActivation[]> idle = [];

    private ServeGuard(IReadOnlyList<CompiledPolicy> policies, IReadOnlyDictionary<string, CelValue> fixedValues, IReadOnlyList<string> features)
    {
        this.policies = policies;
        this.fixedValues = fixedValues;
        this.features = [.. features];
        readsInputs = policies.Any(p => p.Conditions.Concat(p.Variables).Select(v => v.Program)
            .Concat(p.Rules.SelectMany(r => (CelProgram?[])[r.When, r.Value, r.Threshold, r.Expression, r.Message]).OfType<CelProgram>())
            .Any(program => program.Variables.Contains(GateSchema.Inputs)));
    }

    /// <summary>Whether no rule is bound to serving this version.</summary>
    public bool IsEmpty => policies.Count == 0;

    /// <param name="model">As under <c>model</c> of a gate's input.</param>
    /// <param name="version">As under <c>version</c> of a gate's input.</param>
    /// <param name="features">The version's inputs, in the order of a row.</param>
    /// <exception cref="GateInputException">Model or version do not fit the schema.</exception>
    public static ServeGuard Create(PolicyPack pack, JsonObject model, JsonObject version, IReadOnlyList<string> features)
    {
        var subject = new JsonObject { ["request"] = new JsonObject { ["gate"] = GateNames.Serve }, ["model"] = model.DeepClone(), ["version"] = version.DeepClone() };
        var (bound, facts, parameters) = GateEvaluator.Prepare(pack, GateNames.Serve, subject);
        var values = new Dictionary<string, CelValue>(facts.Values, StringComparer.Ordinal) { ["params"] = parameters };
        values.Remove("request");
        return new ServeGuard(bound, values, features);
    }

    /// <summary>The first rule that refuses the request; null when all allow it. Deterministic.</summary>
    public GuardRefusal? Check(in GuardedRequest request, CancellationToken cancellationToken = default)
    {
        if (IsEmpty)
        {
            return null;
        }

        var activations = idle.TryTake(out var used) ? used : [.. policies.Select(Activation)];
        var asked = CelValue.Of(Request(request));
        var inputs = readsInputs ? CelValue.Of(Inputs(request)) : default;
        GuardRefusal? refusal = null;
        for (var i = 0; i < activations.Length && refusal is null; i++)
        {
            refusal = Check(policies[i], Prepared(activations[i], policies[i], asked, inputs), request.Time, cancellationToken);
        }

        idle.Add(activations);
        return refusal;
    }

    private static CelActivation Prepared(CelActivation activation, CompiledPolicy policy, in CelValue request, in CelValue inputs)
    {
        activation.Set("request", request).Set(GateSchema.Inputs, inputs);
        activation.Forget(policy.Variables);
        return activation;
    }

    private static GuardRefusal? Check(CompiledPolicy policy, CelActivation activation, DateTimeOffset time, CancellationToken cancellationToken)
    {
        foreach (var (name, program) in policy.Conditions)
        {
            var condition = program.Evaluate(activation, cancellationToken);
            if (condition.IsError)
            {
                return Refusal(policy.Rules[0], RuleStatus.Gap, $"Whether the policy applies cannot be told ({name}): {condition.AsError.Message}.");
            }

            if (!condition.AsBool)
            {
                return null;
            }
        }

        foreach (var rule in policy.Rules)
        {
            if (rule.Document.Severity != RuleSeverity.Warn && rule.Document.InForce(time) && Check(rule, activation, cancellationToken) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static GuardRefusal? Check(CompiledRule rule, CelActivation activation, CancellationToken cancellationToken)
    {
        if (rule.When is { } applies)
        {
            var when = applies.Evaluate(activation, cancellationToken);
            if (when.IsError)
            {
                return Refusal(rule, RuleStatus.Gap, $"Whether the rule applies cannot be told: {when.AsError.Message}.");
            }

            if (!when.AsBool)
            {
                return null;
            }
        }

        if (rule.Value is { } value)
        {
            activation.Set(PolicyCompiler.Value, value.Evaluate(activation, cancellationToken));
        }

        if (rule.Threshold is { } threshold)
        {
            activation.Set(PolicyCompiler.Threshold, threshold.Evaluate(activation, cancellationToken));
        }

        var result = rule.Expression.Evaluate(activation, cancellationToken);
        if (result.Kind == CelKind.Bool && result.AsBool)
        {
            return null;
        }

        return result.Kind == CelKind.Bool
            ? Refusal(rule, RuleStatus.Violation, Violated(rule, activation, cancellationToken))
            : Refusal(rule, RuleStatus.Gap, $"Cannot be evaluated: {(result.IsError ? result.AsError.Message : "the result is no condition")}.");
    }

    private static string Violated(CompiledRule rule, CelActivation activation, CancellationToken cancellationToken)
    {
        var message = rule.Message?.Evaluate(activation, cancellationToken) ?? default;
        var text = message.Kind == CelKind.String ? message.AsString : rule.Document.Message;
        return text.Length <= PolicyEvaluation.MaxMessage ? text : text[..PolicyEvaluation.MaxMessage];
    }

    private static GuardRefusal Refusal(CompiledRule rule, RuleStatus status, string message) =>
        new(rule.Document.Id, rule.Document.Title, status, message, rule.Document.Citation, rule.Document.Remediation);

    private CelActivation Activation(CompiledPolicy policy)
    {
        var activation = new CelActivation(policy.Environment);
        foreach (var (name, value) in fixedValues)
        {
            activation.Set(name, value);
        }

        foreach (var (name, program) in policy.Variables)
        {
            activation.SetLazy(name, program);
        }

        return activation;
    }

    private static CelMap Request(in GuardedRequest request)
    {
        var members = new List<KeyValuePair<string, CelValue>>(6)
        {
            KeyValuePair.Create("gate", CelValue.Of(GateNames.Serve)),
            KeyValuePair.Create("actor", CelValue.Of(request.Actor)),
            KeyValuePair.Create("time", CelValue.Of(request.Time)),
            KeyValuePair.Create("rows", CelValue.Of((long)request.Rows)),
        };
        if (request.Purpose is { } purpose)
        {
            members.Add(KeyValuePair.Create("purpose", CelValue.Of(purpose)));
        }

        if (request.Jurisdiction is { } jurisdiction)
        {
            members.Add(KeyValuePair.Create("jurisdiction", CelValue.Of(jurisdiction)));
        }

        return CelMap.OfNames(members);
    }

    /// <summary>The range of each input over the rows, and the one it had in training where that is known.</summary>
    private CelMap Inputs(in GuardedRequest request)
    {
        var values = request.Features.Span;
        var ranges = new KeyValuePair<string, CelValue>[features.Length];
        for (var feature = 0; feature < features.Length; feature++)
        {
            var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
            for (var at = feature; at < values.Length; at += features.Length)
            {
                least = Math.Min(least, values[at]);
                most = Math.Max(most, values[at]);
            }

            var range = new List<KeyValuePair<string, CelValue>>(4) { KeyValuePair.Create("min", CelValue.Of(least)), KeyValuePair.Create("max", CelValue.Of(most)) };
            if (request.Seen?[feature] is var (seenLeast, seenGreatest))
            {
                range.Add(KeyValuePair.Create("seen_min", CelValue.Of(seenLeast)));
                range.Add(KeyValuePair.Create("seen_max", CelValue.Of(seenGreatest)));
            }

            ranges[feature] = KeyValuePair.Create(features[feature], CelValue.Of(CelMap.OfNames(range)));
        }

        return CelMap.OfNames(ranges);
    }
}
