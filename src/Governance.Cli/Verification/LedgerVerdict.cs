using Governance.Ledger;

namespace Governance.Cli.Verification;

/// <summary>What an offline verification found, as <c>gov ledger</c> prints it. Immutable.</summary>
/// <param name="Keys"><c>given</c>, or <c>folder</c>: then the verdict says only that the folder agrees with itself.</param>
/// <param name="Entries">Entries whose bytes were read and hashed.</param>
internal sealed record LedgerVerdict(
    string Origin, bool Verified, long? Size, string? Root, KeySource Keys, long Entries, IReadOnlyList<LedgerFinding> Findings, double Milliseconds)
{
    public static LedgerVerdict Of(VerificationReport report, TimeSpan elapsed) => new(
        report.Origin, report.IsSound, report.Checkpoint?.Size, report.Checkpoint?.Root.ToString(), report.Keys, report.EntriesRead, report.Findings,
        Math.Round(elapsed.TotalMilliseconds, 3));
}
