using Governance.Reports.Definitions;
using Governance.Reports.Validation;
using Governance.Testing;

namespace Governance.Reports.Tests;

public sealed class DefinitionTests
{
    private static string Shipped { get; } = File.ReadAllText(Path.Combine(ReportLibrary.DefaultFolder, "validation.yaml"));

    [Theory]
    [InlineData("- id: scope", "- id: scpoe", "unknown section 'scpoe'; known are: executive-summary, scope")]
    [InlineData("{model}, version {version}", "{modell}", "unknown placeholder '{modell}'; known here are: report_id, model")]
    [InlineData("Signed by {validators}, who", "Signed by {roles}, who", "unknown placeholder '{roles}'; known here are: validators")]
    [InlineData("no_validator:", "no_validators:", "section 'scope' has no text 'no_validators'; it reads: lead, independent")]
    [InlineData("no_validator:", "no_validators:", "section 'scope' needs the text 'no_validator' below 'wording'")]
    [InlineData("- id: purpose", "- id: scope", "section 'scope' is listed twice")]
    [InlineData("classification: Confidential", "clasification: Confidential", "unknown key 'clasification'")]
    [InlineData("classification: Confidential", "clasification: Confidential", "'classification' is missing")]
    [InlineData("appendix: true", "appendix: yes", "'appendix' is true or false, not 'yes'")]
    [InlineData("report: validation", "report: erasure", "'report' must be 'validation' in this file, not 'erasure'")]
    public void Wrong_definition_is_refused_with_place_and_remedy(string correct, string wrong, string expected)
    {
        Assert.Contains(correct, Shipped, StringComparison.Ordinal);
        var e = Assert.Throws<ReportDefinitionException>(() => Parse(Shipped.Replace(correct, wrong, StringComparison.Ordinal)));

        Assert.Contains(e.Errors, error => error.Message.StartsWith(expected, StringComparison.Ordinal));
        Assert.All(e.Errors, error => Assert.True(error is { File: "validation.yaml", Line: > 0, Column: > 0 }));
    }

    [Fact]
    public void Error_names_the_line_it_is_on()
    {
        var e = Assert.Throws<ReportDefinitionException>(() => Parse(Shipped.Replace("- id: scope", "- id: scpoe", StringComparison.Ordinal)));

        var line = Shipped.Split('\n').Index().Single(l => l.Item.Contains("- id: scope", StringComparison.Ordinal)).Index + 1;
        Assert.Equal(line, Assert.Single(e.Errors).Line);
    }

    [Fact]
    public void All_errors_are_reported_together()
    {
        var e = Assert.Throws<ReportDefinitionException>(() => Parse(Shipped
            .Replace("- id: scope", "- id: scpoe", StringComparison.Ordinal)
            .Replace("- id: data", "- id: dta", StringComparison.Ordinal)));

        Assert.Equal(2, e.Errors.Count);
        Assert.Equal(2, e.Message.Split(Environment.NewLine).Length);
    }

    [Theory]
    [InlineData(""), InlineData("- a"), InlineData("a: [1"), InlineData("a: 1\n---\nb: 2"), InlineData("a: *nowhere"), InlineData("a: 1\na: 2")]
    public void What_is_not_a_definition_is_refused(string yaml) => Assert.Throws<ReportDefinitionException>(() => Parse(yaml));

    [Fact]
    public void Missing_and_oversized_files_are_refused_together()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("erasure.yaml"), new string('#', 300_000));

        var e = Assert.Throws<ReportDefinitionException>(() => ReportLibrary.Load(folder.Path));

        Assert.Contains(e.Errors, x => x.Message.Contains("'validation' is not in", StringComparison.Ordinal));
        Assert.Contains(e.Errors, x => x.Message.Contains("at most 262144 bytes", StringComparison.Ordinal));
    }

    [Fact]
    public void Order_titles_and_wording_are_the_definition_s()
    {
        var definition = Parse(Shipped
            .Replace("title: Executive summary", "title: In short", StringComparison.Ordinal)
            .Replace("records the validation of {model}", "is about {model}", StringComparison.Ordinal));

        var document = ValidationReport.Compose(definition, Samples.Validation());

        Assert.Equal("In short", document.Sections[0].Title);
        Assert.Contains("This report is about Retail credit scorecard", Samples.Library.Html.Render(document), StringComparison.Ordinal);
    }

    private static ReportDefinition Parse(string yaml) => DefinitionReader<ValidationReportInput>.Parse("validation.yaml", yaml, ValidationReport.Kind);
}
