using System.Globalization;
using Governance.Core.Gates;
using Governance.Policy.Cel;
using Governance.Policy.Gates.Documents;

namespace Governance.Policy.Gates;

/// <summary>Evaluates the rules of one policy over one input. One use, one thread.</summary>
internal sealed class PolicyEvaluation
{
    internal const int MaxMessage = 5_000;
    private readonly CompiledPolicy policy;
    private readonly CelActivation activation;
    private readonly EvidenceState evidence;
    private readonly SignedFacts facts;
    private readonly List<CelObservation> observed = [];
    private readonly ICollection<string>? skipped;
    private readonly CancellationToken cancellation;

    /// <param name="parameters">Those of the model's tier; absent when the tier is unknown.</param>
    /// <param name="skipped">Receives the rules that do not apply, of a policy that does.</param>
    public PolicyEvaluation(CompiledPolicy policy, GateFacts input, CelValue parameters, ICollection<string>? skipped, CancellationToken cancellation)
    {
        this.policy = policy;
        this.skipped = skipped;
        this.cancellation = cancellation;
        activation = new CelActivation(policy.Environment);
        foreach (var (name, value) in input.Values)
        {
            activation.Set(name, value);
        }

        activation.Set("params", parameters);
        foreach (var (name, program) in policy.Variables)
        {
            activation.SetLazy(name, program);
        }

        facts = new SignedFacts(input);
        evidence = new EvidenceState(input, policy.MaxAgeDays?.Evaluate(activation, cancellation));
    }

    public void Run(List<RuleOutcome> outcomes)
    {
        string? failed = null;
        foreach (var (name, program) in policy.Conditions)
        {
            var condition = program.Evaluate(activation, cancellation);
            if (condition.Kind == CelKind.Bool && !condition.AsBool)
            {
                return;
            }

            failed ??= condition.IsError ? $"Whether the policy applies cannot be told ({name}): {condition.AsError.Message}." : null;
        }

        foreach (var rule in policy.Rules)
        {
            if ((failed is null ? Rule(rule) : Outcome(rule.Document, RuleStatus.Gap, failed)) is { } outcome)
            {
                outcomes.Add(outcome);
            }
            else
            {
                skipped?.Add(rule.Document.Id);
            }
        }
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

        if (evidence.Missing(rule.Document) is { } missing)
        {
            return Outcome(rule.Document, RuleStatus.Gap, missing);
        }

        observed.Clear();
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
            Observed = new ObservedValues(Observations()),
        };
    }

    /// <summary>What the rule read, but for its own figures, which the outcome names.</summary>
    private CelObservation[] Observations()
    {
        observed.RemoveAll(o => o.Expression is PolicyCompiler.Value or PolicyCompiler.Threshold);
        return [.. observed];
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
            && facts.ReviewedBy(rule.WaitsFor!, evidence.Digests(rule)) is { } reviewer)
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
