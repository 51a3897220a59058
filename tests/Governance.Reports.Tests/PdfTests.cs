using System.Globalization;
using System.Text.RegularExpressions;
using Governance.Reports.Pdf;
using Governance.Testing;

namespace Governance.Reports.Tests;

public sealed class PdfTests(SamplePdfs pdfs) : IClassFixture<SamplePdfs>
{
    [Fact]
    public async Task Document_information_comes_from_the_report()
    {
        pdfs.SkipIfUnavailable();
        var info = await Tool.RunAsync("pdfinfo", "-isodates", pdfs.Validation);

        Assert.Contains("Model validation report: Retail credit scorecard, version 2.1.0", info, StringComparison.Ordinal);
        Assert.Matches(@"Author:\s+Noor Haddad", info);
        Assert.Matches(@"CreationDate:\s+2026-11-20T21:59:47", info);
        Assert.Contains("A4", info, StringComparison.Ordinal);
    }
}
