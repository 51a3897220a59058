using Governance.Core.Gates;

namespace Governance.Policy.Gates;

/// <summary>A rule as people list it. Immutable.</summary>
/// <param name="Gates">Where it is asked, in the order of <see cref="GateSchema.Gates"/>.</param>
public sealed record RuleDescription(string Id, string Title, RuleSeverity Severity, string Citation, string Rationale, string Remediation, IReadOnlyList<string> Gates);
