using System.Globalization;
using System.Text.RegularExpressions;
using Governance.Core;

namespace Governance.Reports.Tests;

public sealed partial class PdfTests(SamplePdfs pdfs) : IClassFixture<SamplePdfs>
{
    [Fact]
    public async Task Document_information_comes_from_the_report()
    {
        pdfs.SkipIfUnavailable();
        var info = await Tool.RunAsync("pdfinfo", "-isodates", SamplePdfs.Validation);

        Assert.Contains("Model validation report: Retail credit scorecard, version 2.1.0", info, StringComparison.Ordinal);
        Assert.Matches(@"Author:\s+Noor Haddad", info);
        Assert.Matches(@"Subject:\s+VR-2026-000041", info);
        Assert.Matches(@"CreationDate:\s+2026-11-20T21:59:47", info);
        Assert.Matches(@"Page size:.*A4", info);
    }

    [Fact]
    public async Task Page_numbers_in_the_contents_are_the_pages_the_headings_are_on()
    {
        pdfs.SkipIfUnavailable();
        var pages = (await Tool.RunAsync("pdftotext", "-layout", SamplePdfs.Validation, "-")).Split('\f');
        var contents = pages.Single(p => p.TrimStart().StartsWith("Model validation report", StringComparison.Ordinal) && p.Contains("Contents\n", StringComparison.Ordinal));
        var entries = ContentsLine().Matches(contents).Select(m => (Title: m.Groups["title"].Value.Trim(), Page: int.Parse(m.Groups["page"].Value, CultureInfo.InvariantCulture))).ToList();
        var document = Samples.Library.Validation(Samples.Validation());

        Assert.Equal(document.Sections.Count + document.Sections.Sum(s => s.Blocks.OfType<Documents.Heading>().Count()), entries.Count);
        Assert.All(entries, e =>
        {
            var heading = Regex.Replace(e.Title, @"^(Appendix [A-Z]|[\d.]+)\s+(·\s+)?", "", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
            Assert.Matches($@"(?m)^\s*(Appendix [A-Z] ·|[\d.]+)\s+{Regex.Escape(heading)}\s*$", pages[e.Page - 1]);
            Assert.Contains($"Page {e.Page} of {pages.Length - 1}", pages[e.Page - 1], StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Every_page_but_the_cover_carries_report_id_and_page_number()
    {
        pdfs.SkipIfUnavailable();
        var pages = (await Tool.RunAsync("pdftotext", "-layout", SamplePdfs.Erasure, "-")).Split('\f')[..^1];

        Assert.All(pages.Index().Skip(1), p => Assert.Matches($@"EC-2026-000007\s+Page {p.Index + 1} of {pages.Length}", p.Item));
        Assert.All(pages, p => Assert.True(p.Trim().Length > 60, "a page is all but empty"));
    }

    [Theory]
    [InlineData("validation"), InlineData("erasure"), InlineData("erasure-ua")]
    public async Task Fonts_are_embedded_and_ours(string name)
    {
        pdfs.SkipIfUnavailable();
        var fonts = (await Tool.RunAsync("pdffonts", SamplePdfs.Path(name))).Split('\n')[2..].Where(l => l.Length > 0).ToList();

        Assert.InRange(fonts.Count, 4, 8);
        Assert.All(fonts, f => Assert.Matches(@"IBM-?Plex.*\syes yes yes", f));
    }

    [Theory]
    [InlineData("validation"), InlineData("erasure-ua")]
    public async Task File_is_sound_and_declares_its_profile(string name)
    {
        pdfs.SkipIfUnavailable();
        var check = await Tool.RunAsync("qpdf", "--check", SamplePdfs.Path(name));
        var metadata = await Tool.RunAsync("pdfinfo", "-meta", SamplePdfs.Path(name));

        Assert.Contains("No syntax or stream encoding errors found", check, StringComparison.Ordinal);
        Assert.Matches(name == "erasure-ua" ? "pdfuaid:part[>=]\"?1" : "pdfaid:part[>=]\"?3", metadata);
    }

    [Fact]
    public async Task Accessible_profile_is_tagged()
    {
        pdfs.SkipIfUnavailable();

        Assert.Matches(@"Tagged:\s+yes", await Tool.RunAsync("pdfinfo", SamplePdfs.Accessible));
        Assert.Contains("H1", await Tool.RunAsync("pdfinfo", "-struct", SamplePdfs.Accessible), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attached_evidence_is_the_evidence_to_the_byte()
    {
        pdfs.SkipIfUnavailable();
        using var folder = new Testing.TempFolder();
        await Tool.RunAsync("pdfdetach", "-saveall", "-o", folder.Path, SamplePdfs.Validation);
        var evidence = Samples.Validation().Evidence;

        Assert.Equal(evidence.Count, Directory.GetFiles(folder.Path).Length);
        Assert.All(evidence.Index(), e => Assert.Equal(e.Item.Result.ComputeDigest(), Digest.Of(File.ReadAllBytes(folder.File($"E{e.Index + 1}.json")))));
    }

    [Fact]
    public async Task Digests_on_paper_are_whole()
    {
        pdfs.SkipIfUnavailable();
        var text = await Tool.RunAsync("pdftotext", "-raw", SamplePdfs.Validation, "-");
        var unbroken = string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c != '\u200B'));

        Assert.All(Samples.Validation().Evidence, e =>
        {
            Assert.Contains(e.Digest.ToString(), unbroken, StringComparison.Ordinal);
            Assert.Contains(e.Result.ComputeDigest().ToString(), unbroken, StringComparison.Ordinal);
        });
    }

    [GeneratedRegex(@"^\s*(?<title>\S.*?)\s*(?:\. ?){3,}\s*(?<page>\d+)\s*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex ContentsLine();
}
