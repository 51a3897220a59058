using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Validation.Sections;

/// <summary>What was validated, at what tier, by whom, and whether they were independent of those who built it.</summary>
internal sealed class Scope : IReportSection<ValidationReportInput>
{
    /// <summary>The meaning of an owner's signature: it accepts the risk and says nothing about validity, so it does not touch independence.</summary>
    private const string Attested = "attested";

    public string Id => "scope";

    public IReadOnlyList<WordingKey> Wording { get; } =
        [new("lead"), new("independent", "validators"), new("not_independent", "names"), new("no_validator")];

    public IEnumerable<Block> Build(ValidationReportInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"));
        yield return new Facts(
        [
            new("Model", [input.Model.Name, " (", new Code(input.Model.Id), ")"]),
            new("Version", input.Version.Version),
            new("Artefact", new Hash(input.Version.Artefact)),
            new("Format", input.Version.Format),
            new("Submitted", $"{NumberText.Time(input.Version.SubmittedAt)} by {input.Version.SubmittedBy.Name}, ledger entry {NumberText.Whole(input.Version.LedgerIndex)}"),
            new("Tier", $"{NumberText.Whole(input.Model.Tier)}: {input.Model.TierReason}"),
            new("Risk class", input.Model.RiskClass ?? "not recorded"),
            new("Owner", input.Model.Owner.Name),
            new("Developers", string.Join(", ", input.Model.Developers.Select(d => d.Name))),
            new("Jurisdictions", string.Join(", ", input.Model.Jurisdictions)),
        ]);
        yield return Independence(input, wording);
    }

    private static Callout Independence(ValidationReportInput input, Wording wording)
    {
        HashSet<string> insiders = [input.Model.Owner.Id, input.Version.SubmittedBy.Id, .. input.Model.Developers.Select(d => d.Id)];
        var signers = input.SignOffs.Where(s => s.Meaning != Attested).DistinctBy(s => s.Person).ToList();
        var builders = signers.Where(s => insiders.Contains(s.Person)).ToList();
        return (signers, builders) switch
        {
            ([], _) => new Callout(Tone.Caution, "Independence", wording.Text("no_validator")),
            (_, []) => new Callout(Tone.Good, "Independence", wording.Text("independent", ("validators", Names(signers)))),
            _ => new Callout(Tone.Bad, "Independence", wording.Text("not_independent", ("names", Names(builders)))),
        };
    }

    private static string Names(IEnumerable<Signature> signatures) => string.Join(", ", signatures.Select(s => s.Name));
}
