using Governance.Reports.Documents;
using Governance.Reports.Validation;

namespace Governance.Reports.Tests;

public sealed class ReportTests
{
    /// <summary>The structure of both sample reports, block by block. When it changes on purpose, copy the file the failure names over the golden one.</summary>
    [Theory]
    [InlineData("validation"), InlineData("erasure")]
    public void Structure_is_as_approved(string report)
    {
        var document = report == "validation" ? Samples.Library.Validation(Samples.Validation()) : Samples.Library.Erasure(Samples.Erasure());
        var actual = string.Concat(document.Sections.Select(s => $"# {s.Id}: {s.Title}\n{string.Concat(s.Blocks.Select(b => $"  {Outline(b)}\n"))}"));
        var received = Path.Combine(AppContext.BaseDirectory, report + ".received.txt");
        File.WriteAllText(received, actual);

        Assert.True(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", report + ".txt")) == actual, $"Golden/{report}.txt differs from {received}");
    }

    [Fact]
    public void Signer_who_built_the_model_is_not_called_independent()
    {
        var input = Samples.Validation();
        var independent = Callout(input, "Independence");
        var dependent = Callout(input with { SignOffs = [input.SignOffs[0] with { Person = input.Model.Developers[0].Id }] }, "Independence");
        var attested = Callout(input with { SignOffs = [.. input.SignOffs, input.SignOffs[0] with { Person = input.Model.Owner.Id, Meaning = "attested" }] }, "Independence");
        var unsigned = Callout(input with { SignOffs = [] }, "Independence");

        Assert.Equal((Tone.Good, Tone.Bad, Tone.Good, Tone.Caution), (independent.Tone, dependent.Tone, attested.Tone, unsigned.Tone));
        Assert.Contains("not independent", Plain(dependent.Content), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_without_evidence_decision_or_signature_says_so()
    {
        var input = Samples.Validation() with { Evidence = [], Gate = null, SignOffs = [], Findings = [], Statements = [], Datasets = [], Adjustments = [] };
        var document = Samples.Library.Validation(input);

        Assert.Equal("Not yet decided", document.Cover.Outcome!.Value);
        Assert.Equal(5, document.Sections.SelectMany(s => s.Blocks).OfType<Callout>().Count(c => c.Title == "No evidence"));
        Assert.Equal(4, document.Sections.SelectMany(s => s.Blocks).OfType<Callout>().Count(c => c.Title == "Not recorded"));
        Assert.Contains("No signature is recorded.", Samples.Library.Html.Render(document), StringComparison.Ordinal);
    }

    [Fact]
    public void Cover_states_identity_digests_policy_and_ledger()
    {
        var input = Samples.Validation();
        var html = Samples.Library.Html.Render(Samples.Library.Validation(input)).Replace("<wbr>", "", StringComparison.Ordinal);
        var cover = html[..html.IndexOf("<nav", StringComparison.Ordinal)];

        Assert.All(
            [input.ReportId, input.Author, "20 November 2026, 21:59:47 UTC", "2.1.0", "30 September 2026", "Noor Haddad", "validated", "gov ledger verify"],
            text => Assert.Contains(text, cover, StringComparison.Ordinal));
        Assert.All(
            [input.Version.Artefact, input.Policy.Digest, input.Ledger.Root, .. input.Datasets.Select(d => d.Digest)],
            digest => Assert.Contains(digest.ToString(), cover, StringComparison.Ordinal));
    }

    [Fact]
    public void Gate_section_names_what_was_seen_the_limit_the_ground_and_the_remedy()
    {
        var section = Samples.Library.Validation(Samples.Validation()).Sections.Single(s => s.Id == "gate-decision");
        var rules = section.Blocks.OfType<DataTable>().Single();
        var row = rules.Rows.Select(r => r.Cells.Select(Plain).ToList()).Single(c => c[0].Contains("fairness-air", StringComparison.Ordinal));
        var remedy = section.Blocks.OfType<Facts>().SelectMany(f => f.Items).Select(f => Plain(f.Value)).ToList();

        Assert.Equal(["Violation", "blocks", "0.7120", "0.8000"], row[1..5]);
        Assert.Contains("Bank policy F-3", row[5], StringComparison.Ordinal);
        Assert.Contains(remedy, r => r.Contains("evidence[\"fairness.adverse_impact\"].min_ratio = 0.712", StringComparison.Ordinal));
        Assert.Contains(remedy, r => r.StartsWith("Search for a less discriminatory alternative", StringComparison.Ordinal));
    }

    [Fact]
    public void Tests_are_counted_by_use_and_each_names_its_evidence()
    {
        var section = Samples.Library.Validation(Samples.Validation()).Sections.Single(s => s.Id == "review-tests");
        var tables = section.Blocks.OfType<DataTable>().ToList();
        var first = tables[1].Rows[0].Cells;

        Assert.Equal([["Policy decides on it", "Holm", "3", "3", "0.15", "3"], ["Screening", "Benjamini and Hochberg", "34", "4", "1.70", "0"]], tables[0].Rows.Select(r => r.Cells.Select(Plain)));
        Assert.Equal("E4", Assert.IsType<EvidenceMark>(Assert.Single(first[0])).Evidence.Key);
        Assert.Equal(["Adverse impact ratio", "sex=female", "<0.001", "<0.001", "yes"], first.Skip(1).Select(Plain));
        Assert.Contains("4 more tests", Plain(section.Blocks.OfType<Paragraph>().Last().Content), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jane.doe@example.org"), InlineData("Jane Doe"), InlineData(""), InlineData("sub:1\n")]
    public void Certificate_takes_only_a_pseudonym(string subject)
    {
        var e = Assert.Throws<ArgumentException>(() => Samples.Library.Erasure(Samples.Erasure() with { SubjectReference = subject }));

        Assert.True(subject.Length == 0 || !e.Message.Contains(subject, StringComparison.Ordinal));
    }

    [Fact]
    public void Certificate_says_when_it_is_late_or_lacks_a_second_person()
    {
        var input = Samples.Erasure();
        var document = Samples.Library.Erasure(input with { CompletedAt = input.ReceivedAt.AddDays(90), Approvals = [input.Approvals[0], input.Approvals[0]] });
        var titles = document.Sections.SelectMany(s => s.Blocks).OfType<Callout>().Select(c => c.Title);

        Assert.Equal(["Late", "Fewer than two approvers"], titles);
    }

    private static Callout Callout(ValidationReportInput input, string title) =>
        Samples.Library.Validation(input).Sections.SelectMany(s => s.Blocks).OfType<Callout>().Single(c => c.Title == title);

    private static string Plain(Phrase phrase) => string.Concat(phrase.Select(i => i switch
    {
        Text t => t.Value,
        Strong s => s.Value,
        Code c => c.Value,
        Badge b => b.Value,
        _ => "",
    }));

    private static string Outline(Block block) => block switch
    {
        Heading h => "heading " + h.Title,
        Subheading s => "subheading " + s.Title,
        DataTable t => $"table {t.Caption} [{string.Join(" | ", t.Columns.Select(c => c.Title))}] {t.Rows.Count} rows {t.Evidence?.Key}".TrimEnd(),
        Figure f => $"figure {f.Chart.Title} {f.Evidence.Key}",
        Facts f => $"facts {string.Join(", ", f.Items.Select(i => i.Name))}",
        Callout c => $"callout {c.Tone} {c.Title}",
        Signatures s => $"signatures {string.Join(", ", s.Items.Select(i => i.Name))}",
        ItemList l => $"list of {l.Items.Count}",
        _ => block.GetType().Name.ToLowerInvariant(),
    };
}
