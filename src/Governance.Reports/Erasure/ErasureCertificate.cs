using System.Text.RegularExpressions;
using Governance.Reports.Definitions;
using Governance.Reports.Documents;
using Governance.Reports.Erasure.Sections;

namespace Governance.Reports.Erasure;

/// <summary>The erasure certificate: its sections, its placeholders, its cover.</summary>
internal static partial class ErasureCertificate
{
    public static ReportKind<ErasureCertificateInput> Kind { get; } = new("erasure",
        [new Request(), new Approvals(), new Stores(), new Keys(), new LedgerEntries(), new Models(), new Remainder(), new Recipients(), new Checking(), new Attestation()],
        new Dictionary<string, Func<ErasureCertificateInput, string>>
        {
            ["report_id"] = i => i.ReportId,
            ["request"] = i => i.RequestId,
            ["subject"] = i => i.SubjectReference,
            ["received"] = i => NumberText.Time(i.ReceivedAt),
            ["completed"] = i => NumberText.Time(i.CompletedAt),
            ["ground"] = i => i.Ground,
            ["key_count"] = i => NumberText.Whole(i.Keys.Count),
            ["ledger"] = i => i.Ledger.Origin,
            ["ledger_size"] = i => NumberText.Whole(i.Ledger.Size),
        });

    /// <exception cref="ArgumentException">The subject reference is not a pseudonym.</exception>
    public static ReportDocument Compose(ReportDefinition definition, ErasureCertificateInput input) => !Pseudonym().IsMatch(input.SubjectReference)
        ? throw new ArgumentException("The subject reference of a certificate is a pseudonym: 1 to 128 letters, digits, ':', '_' or '-'.", nameof(input))
        : new ReportDocument
        {
            ReportId = input.ReportId,
            Title = definition.Title,
            Subtitle = Kind.Fill(definition.Subtitle, input),
            Classification = definition.Classification,
            Language = definition.Language,
            Author = input.Author,
            GeneratedAt = input.GeneratedAt,
            Cover = new Cover(Outcome(input), CoverFacts(input), input.Approvals, [.. definition.Verification.Select(v => (Phrase)Kind.Fill(v, input))]),
            Sections = Kind.Compose(definition, input),
        };

    private static Badge Outcome(ErasureCertificateInput input) =>
        input.Retained.Count == 0 ? new Badge("Erased", Tone.Good) : new Badge("Erased in part", Tone.Caution);

    private static List<Fact> CoverFacts(ErasureCertificateInput input) =>
    [
        new("Request", new Code(input.RequestId)),
        new("Subject (pseudonym)", new Code(input.SubjectReference)),
        new("Received", NumberText.Time(input.ReceivedAt)),
        new("Completed", NumberText.Time(input.CompletedAt)),
        new("Root of destroyed keys", new Hash(input.Keys.Root)),
        new("Ledger", [new Code(input.Ledger.Origin), $", {NumberText.Whole(input.Ledger.Size)} entries, root  ", new Hash(input.Ledger.Root)]),
    ];

    [GeneratedRegex(@"^[A-Za-z0-9:_-]{1,128}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Pseudonym();
}
