using System.Text.RegularExpressions;
using Governance.Reports.Documents;
using Governance.Reports.Pdf;
using Governance.Reports.Validation;

namespace Governance.Reports.Tests;

public sealed partial class HtmlTests
{
    [Fact]
    public void Hostile_texts_stay_texts()
    {
        const string Attack = "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>\"' src=http://evil.example/ url(http://evil.example/)";
        var input = Samples.Validation();
        input = input with
        {
            ReportId = Attack,
            Model = input.Model with { Name = Attack, Owner = new Person(Attack, Attack), Developers = [new Person(Attack, Attack)], Purpose = Attack, PermittedUses = [Attack] },
            Datasets = [input.Datasets[0] with { Id = Attack, Name = Attack, LegalBasis = Attack }],
            Findings = [input.Findings[0] with { Title = Attack }],
            SignOffs = [input.SignOffs[0] with { Name = Attack, Comment = Attack }],
            Evidence = [input.Evidence[0] with { Result = Samples.Result(Attack, input.Evidence[0].Result.Family, [Samples.Measure(Attack, 0.1, Attack)]), Signer = Attack }],
        };

        var html = Samples.Library.Html.Render(Samples.Library.Validation(input));

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(@"<[^>]+\son\w+\s*=", Regex.Replace(html, "\"[^\"]*\"", "", RegexOptions.None, TimeSpan.FromSeconds(5)));
        Assert.Null(SelfContained.FirstOutsideReference(html));
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Right_to_left_text_is_isolated_and_overrides_are_removed()
    {
        var input = Samples.Validation();
        var html = Samples.Library.Html.Render(Samples.Library.Validation(input with { Model = input.Model with { Name = "نموذج الائتمان", Owner = new Person("eve", "eve\u202Egro.knab") } }));

        Assert.Contains("<bdi>نموذج الائتمان", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', html);
    }

    [Fact]
    public void Every_figure_and_table_of_measures_has_its_evidence_beside_it()
    {
        var input = Samples.Validation();
        var document = Samples.Library.Validation(input);
        var html = Samples.Library.Html.Render(document);
        var plain = html.Replace("<wbr>", "", StringComparison.Ordinal);

        var captions = Figcaption().Matches(plain).Select(m => m.Value).ToList();
        var figures = document.Sections.SelectMany(s => s.Blocks).OfType<Figure>().ToList();
        Assert.NotEmpty(figures);
        Assert.Equal(figures.Count, captions.Count);
        Assert.All(figures.Zip(captions), f => AssertNamed(f.First.Evidence, f.Second, input));

        var tables = document.Sections.SelectMany(s => s.Blocks).OfType<DataTable>().ToList();
        var heads = TableCaption().Matches(plain).Select(m => m.Value).ToList();
        Assert.Equal(tables.Count, heads.Count);
        Assert.All(tables.Zip(heads).Where(t => t.First.Evidence is not null), t => AssertNamed(t.First.Evidence!, t.Second, input));
        var families = document.Sections.Where(s => s.Id.StartsWith("evidence-", StringComparison.Ordinal)).SelectMany(s => s.Blocks).OfType<DataTable>();
        Assert.All(families, t => Assert.NotNull(t.Evidence));
    }

    [Fact]
    public void Every_link_has_its_target()
    {
        var html = Samples.Library.Html.Render(Samples.Library.Validation(Samples.Validation()));
        var ids = Regex.Matches(html, " id=\"(?<id>[^\"]+)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(m => m.Groups["id"].Value).ToList();
        var links = Regex.Matches(html, " href=\"#(?<id>[^\"]+)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(m => m.Groups["id"].Value).ToList();

        Assert.NotEmpty(links);
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(links, l => Assert.Contains(l, ids));
    }

    [Fact]
    public void Equal_documents_give_equal_bytes() => Assert.Equal(
        Samples.Library.Html.Render(Samples.Library.Validation(Samples.Validation())),
        Samples.Library.Html.Render(Samples.Library.Validation(Samples.Validation())));

    [Fact]
    public void Fonts_are_inside_and_nothing_is_outside()
    {
        var html = Samples.Library.Html.Render(Samples.Library.Erasure(Samples.Erasure()));

        Assert.Equal(5, Regex.Count(html, "url\\(data:font/ttf;base64,", RegexOptions.None, TimeSpan.FromSeconds(5)));
        Assert.Null(SelfContained.FirstOutsideReference(html));
    }

    private static void AssertNamed(EvidenceReference evidence, string caption, ValidationReportInput input)
    {
        var item = input.Evidence.Single(e => e.Result.Check == evidence.Check);
        Assert.Contains(item.Digest.ToString(), caption, StringComparison.Ordinal);
        Assert.Contains("ledger entry " + NumberText.Whole(item.LedgerIndex), caption, StringComparison.Ordinal);
    }

    [GeneratedRegex("<figcaption>.*?</figcaption>", RegexOptions.Singleline, 5000)]
    private static partial Regex Figcaption();

    [GeneratedRegex("<th class=\"caption\".*?</th>", RegexOptions.Singleline, 5000)]
    private static partial Regex TableCaption();
}
