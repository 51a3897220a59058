using Governance.Reports.Documents;

namespace Governance.Reports.Validation;

/// <summary>Names the evidence of a report: E1, E2, … in the order given.</summary>
internal static class EvidenceReferences
{
    public static IEnumerable<(EvidenceItem Item, EvidenceReference Reference)> Referenced(this ValidationReportInput input) =>
        input.Evidence.Select((item, i) => (item, new EvidenceReference($"E{i + 1}", item.Result.Check, item.Digest, item.LedgerIndex)));
}
