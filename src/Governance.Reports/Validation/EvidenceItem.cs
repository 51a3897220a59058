using Governance.Core;
using Governance.Core.Evidence;

namespace Governance.Reports.Validation;

/// <summary>A check result with what the ledger says about it and what the check says about itself. Immutable.</summary>
/// <param name="Digest">Digest of the signed envelope, as the ledger names it.</param>
/// <param name="LedgerIndex">Entry that records it.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="Signer">Key that signed it.</param>
/// <param name="Engine">Where it was computed: "in process, CPU".</param>
public sealed record EvidenceItem(CheckResult Result, CheckText Text, Digest Digest, long LedgerIndex, DateTimeOffset RecordedAt, string Signer, string Engine)
{
    /// <summary>How a second computation of it compared, in words: <c>by slurm on 2026-03-31: same</c>; null when there was none.</summary>
    public string? Reproduced { get; init; }
}

/// <summary>The words a check describes itself with, for reports. Immutable.</summary>
public sealed record CheckText(
    string Title, string Purpose, string Method, string SignsOfHighRisk, string Strengths, string Limits, IReadOnlyList<string> Sources);
