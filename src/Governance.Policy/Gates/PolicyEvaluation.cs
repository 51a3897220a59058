using System.Globalization;
using Governance.Core.Gates;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Documents;

namespace Governance.Policy.Gates;

/// <summary>Evaluates the rules of one policy over one input. One use, one thread.</summary>
internal sealed class PolicyEvaluation
{
    private const int MaxMessage = 5_000;
    private readonly CompiledPolicy policy;
    private readonly CelActivation activation;
    private readonly EvidenceState evidence;
    private readonly SignedFacts facts;
    private readonly CancellationToken cancellation;

    public PolicyEvaluation(CompiledPolicy policy, IReadOnlyDictionary<string, CelValue> values, CancellationToken cancellation)
    {
        this.policy = policy;
        this.cancellation = cancellation;
        activation = new CelActivation(policy.Environment);
        foreach (var (name, value) in values)
        {
            activation.Set(name, value);
        }

        foreach (var (name, program) in policy.Variables)
        {
            activation.SetLazy(name, program);
        }

        facts = new SignedFacts(values);
        evidence = new EvidenceState(values, policy.MaxAgeDays?.Evaluate(activation, cancellation));
    }

    public IEnumerable<RuleOutcome> Run()
    {
        string? failed = null;
        foreach (var (name, program) in policy.Conditions)
        {
            var condition = program.Evaluate(activation, cancellation);
            if (condition.Kind == CelKind.Bool && !condition.AsBool)
            {
                return [];
            }

            failed ??= condition.IsError ? $"Whether the policy applies cannot be told ({name}): {condition.AsError.Message}." : null;
        }

        return policy.Rules.Select(r => failed is null ? Rule(r) : Outcome(r.Document, RuleStatus.Gap, failed)).OfType<RuleOutcome>();
    }

    /// <summary>The outcome of a rule; null when it does not apply.</summary>
    private RuleOutcome? Rule(CompiledRule rule)
    {
        if (!facts.InForce(rule.Document))
        {
            return null;
        }

        if (rule.When?.Evaluate(activation, cancellation) is { } when && (when.IsError || !when.AsBool))
        {
            return when.IsError ? Outcome(rule.Document, RuleStatus.Gap, $"Whether the rule applies cannot be told: {when.AsError.Message}.") : null;
        }

        if (evidence.Missing(rule.Document.Requires.Select(r => r.Check)) is { } missing)
        {
            return Outcome(rule.Document, RuleStatus.Gap, missing);
        }

        var observed = new List<CelObservation>();
        activation.Observations = observed;
        var value = Figure(PolicyCompiler.Value, rule.Value);
        var threshold = Figure(PolicyCompiler.Threshold, rule.Threshold);
        var result = rule.Expression.Evaluate(activation, cancellation);
        activation.Observations = null;
        var status = result.Kind != CelKind.Bool ? RuleStatus.Gap : result.AsBool ? RuleStatus.Pass : RuleStatus.Violation;
        var message = status switch
        {
            RuleStatus.Gap => $"Cannot be evaluated: {(result.IsError ? result.AsError.Message : "the result is no condition")}.",
            RuleStatus.Pass => Passed(rule.Document, value, threshold),
            _ => Violated(rule),
        };
        return Outcome(rule.Document, status, message) with
        {
            Value = value,
            Threshold = threshold,
            Observed = [.. observed.Where(o => o.Expression is not (PolicyCompiler.Value or PolicyCompiler.Threshold)).Select(o => new ObservedValue(o.Expression, CelJson.Node(o.Value)))],
        };
    }

    /// <summary>Evaluates a figure once and offers it to the expression and the message under its name.</summary>
    private double? Figure(string name, CelProgram? program)
    {
        var value = program is null ? default : program.Evaluate(activation, cancellation);
        activation.Set(name, value);
        return value.Kind == CelKind.Double && double.IsFinite(value.AsDouble) ? value.AsDouble : null;
    }

    private string Violated(CompiledRule rule)
    {
        var message = rule.Message?.Evaluate(activation, cancellation) ?? default;
        var text = message.Kind == CelKind.String ? message.AsString : rule.Document.Message;
        return text.Length <= MaxMessage ? text : text[..MaxMessage];
    }

    private static string Passed(ValidationDocument rule, double? value, double? threshold) =>
        value is { } v && threshold is { } t
            ? string.Create(CultureInfo.InvariantCulture, $"{rule.Title}: {v:0.####} against {t:0.####}.")
            : $"{rule.Title}: holds.";

    private RuleOutcome Outcome(ValidationDocument rule, RuleStatus status, string message)
    {
        var open = status is RuleStatus.Violation or RuleStatus.Gap;
        string? waivedBy = null;
        if (open && rule.Waivable && facts.Waiver(rule.Id) is { } waiver)
        {
            (status, open, message, waivedBy) = (RuleStatus.Waived, false, $"{message} {waiver.Sentence}", waiver.Id.Length > 0 ? waiver.Id : null);
        }

        if (open && status == RuleStatus.Violation && rule.Severity == RuleSeverity.Review
            && facts.ReviewedBy(rule.WaitsFor!, evidence.Digests(rule.Requires.Select(r => r.Check))) is { } reviewer)
        {
            (open, message) = (false, $"{message} Reviewed and accepted by {reviewer} ({rule.WaitsFor}).");
        }

        var blocks = open && rule.Severity != RuleSeverity.Warn;
        return new RuleOutcome
        {
            Rule = rule.Id,
            Title = rule.Title,
            Status = status,
            Severity = rule.Severity,
            Message = message,
            Citation = rule.Citation,
            Remediation = status == RuleStatus.Pass ? null : rule.Remediation,
            Rationale = rule.Rationale,
            Waivable = rule.Waivable,
            Checks = rule.Requires.Count > 0 ? [.. rule.Requires.Select(r => r.Check)] : null,
            Waiver = waivedBy,
            Blocks = blocks,
            WaitingFor = blocks && status == RuleStatus.Violation ? rule.WaitsFor : null,
        };
    }
}
