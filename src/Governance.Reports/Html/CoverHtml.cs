using System.Globalization;
using System.Text;
using Governance.Reports.Documents;

namespace Governance.Reports.Html;

/// <summary>The cover page and, behind it, document control: identity, signatures, verification.</summary>
internal static class CoverHtml
{
    public static void Render(StringBuilder html, InlineHtml inline, ReportDocument document)
    {
        var blocks = new BlockHtml(inline, html);
        html.Append(CultureInfo.InvariantCulture, $"<header class=\"cover\" data-report-id=\"{Markup.Escape(document.ReportId)}\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"classification\">{InlineHtml.Plain(document.Classification)}</p>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"kind\">{InlineHtml.Plain(document.Title)}</p>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"title\">{InlineHtml.Plain(document.Subtitle)}</p>\n");
        if (document.Cover.Outcome is { } outcome)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"outcome\">{inline.Render(outcome)}</p>\n");
        }

        html.Append("<table class=\"imprint\"><tbody>\n");
        Imprint(html, "Report", document.ReportId, "report-id");
        Imprint(html, "Generated", NumberText.Time(document.GeneratedAt), "generated");
        Imprint(html, "Author", document.Author, "author");
        html.Append("</tbody></table>\n</header>\n");
        html.Append("<section class=\"control\" aria-labelledby=\"control\">\n<h1 id=\"control\">Document control</h1>\n");
        blocks.Facts(document.Cover.Facts, "facts");
        html.Append("<h2>Signatures</h2>\n");
        if (document.Cover.Signatures.Count > 0)
        {
            blocks.Signatures(document.Cover.Signatures);
        }
        else
        {
            html.Append("<p>No signature is recorded.</p>\n");
        }

        html.Append("<h2>How to verify this report</h2>\n");
        blocks.List(new ItemList(document.Cover.Verification, Ordered: true));
        html.Append("</section>\n");
    }

    private static void Imprint(StringBuilder html, string name, string value, string css) =>
        html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{name}</th><td class=\"{css}\">{InlineHtml.Plain(value)}</td></tr>\n");
}
