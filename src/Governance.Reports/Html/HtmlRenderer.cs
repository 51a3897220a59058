using System.Globalization;
using System.Text;
using Governance.Reports.Documents;

namespace Governance.Reports.Html;

/// <summary>
/// Renders a document to one self-contained HTML file: no script, no link to anything outside itself, fonts and styles inside.
/// The same file reads on a screen and prints as paged media. Deterministic and thread-safe.
/// </summary>
public sealed class HtmlRenderer(ReportStyle style)
{
    public string Render(ReportDocument document)
    {
        var html = new StringBuilder(style.Css.Length + 65536);
        var inline = new InlineHtml(Targets(document));
        var numbers = Numbers(document.Sections);
        Head(html, document);
        html.Append("<body>\n");
        CoverHtml.Render(html, inline, document);
        Contents(html, document.Sections, numbers);
        html.Append("<main>\n");
        var blocks = new BlockHtml(inline, html);
        for (var i = 0; i < document.Sections.Count; i++)
        {
            var section = document.Sections[i];
            (blocks.SectionNumber, blocks.HeadingNumber) = (numbers[i], 0);
            html.Append(CultureInfo.InvariantCulture, $"<section class=\"{(section.Appendix ? "appendix" : "chapter")}{(section.NewPage ? " new-page" : "")}\" aria-labelledby=\"{SectionId(section)}\">\n");
            html.Append(CultureInfo.InvariantCulture, $"<h1 id=\"{SectionId(section)}\"><span class=\"number\">{Label(section, numbers[i])}</span> {InlineHtml.Plain(section.Title)}</h1>\n");
            foreach (var block in section.Blocks)
            {
                blocks.Render(block);
            }

            html.Append("</section>\n");
        }

        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private void Head(StringBuilder html, ReportDocument document)
    {
        var title = Markup.Escape($"{document.Title}: {document.Subtitle}");
        html.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html>\n<html lang=\"{Markup.Escape(document.Language)}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n");
        html.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<meta name=\"author\" content=\"{Markup.Escape(document.Author)}\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<meta name=\"description\" content=\"{Markup.Escape(document.ReportId)}\">\n");
        html.Append("<meta name=\"generator\" content=\"Governance\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<meta name=\"dcterms.created\" content=\"{document.GeneratedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\">\n");
        html.Append("<style>\n").Append(style.Css).Append("</style>\n</head>\n");
    }

    private static void Contents(StringBuilder html, IReadOnlyList<Section> sections, List<string> numbers)
    {
        html.Append("<nav class=\"contents\" aria-labelledby=\"contents\">\n<h1 id=\"contents\">Contents</h1>\n<ol>\n");
        for (var i = 0; i < sections.Count; i++)
        {
            var section = sections[i];
            html.Append(CultureInfo.InvariantCulture, $"<li class=\"level-1\"><a href=\"#{SectionId(section)}\"><span class=\"number\">{Label(section, numbers[i])}</span> {InlineHtml.Plain(section.Title)}</a>");
            var headings = section.Blocks.OfType<Heading>().ToList();
            if (headings.Count > 0)
            {
                html.Append("\n<ol>\n");
                for (var h = 0; h < headings.Count; h++)
                {
                    html.Append(CultureInfo.InvariantCulture, $"<li class=\"level-2\"><a href=\"#{Markup.Identifier(headings[h].Id)}\"><span class=\"number\">{numbers[i]}.{h + 1}</span> {InlineHtml.Plain(headings[h].Title)}</a></li>\n");
                }

                html.Append("</ol>\n");
            }

            html.Append("</li>\n");
        }

        html.Append("</ol>\n</nav>\n");
    }

    /// <summary>1, 2, 3 for sections; A, B, C for appendices.</summary>
    private static List<string> Numbers(IReadOnlyList<Section> sections)
    {
        var (chapters, appendices) = (0, 0);
        return [.. sections.Select(s => s.Appendix ? ((char)('A' + appendices++)).ToString() : (++chapters).ToString(CultureInfo.InvariantCulture))];
    }

    private static HashSet<string> Targets(ReportDocument document) =>
        [.. document.Sections.SelectMany(s => s.Blocks).OfType<Subheading>().Select(s => s.Id).OfType<string>().Select(Markup.Identifier)];

    private static string SectionId(Section section) => "section-" + Markup.Identifier(section.Id);

    private static string Label(Section section, string number) => section.Appendix ? "Appendix " + number : number;
}
