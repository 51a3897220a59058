using Governance.Core.Gates;

namespace Governance.Policy.Gates;

/// <summary>A rule as people list it. Immutable.</summary>
public sealed record RuleDescription(string Id, string Title, RuleSeverity Severity, string Citation, string Rationale, string Remediation);
