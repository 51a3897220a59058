using Governance.Core.Evidence;

namespace Governance.Jobs.Shards;

/// <summary>How a check ended: in a result, or in the reason why it does not apply to this input. Immutable; exactly one is set.</summary>
public sealed record CheckOutcome(string Check, CheckResult? Result, string? NotApplicable);
