using System.Globalization;
using System.Text;
using Governance.Reports.Documents;

namespace Governance.Reports.Html;

/// <summary>Renders the blocks of one document in order, numbering its headings, figures and tables. Not thread-safe.</summary>
internal sealed class BlockHtml(InlineHtml inline, StringBuilder html)
{
    /// <summary>Tables of at most this many rows are kept on one page.</summary>
    private const int ShortTable = 12;

    private int figures;
    private int tables;

    /// <summary>Number of the section being rendered ("3", "A"): prefix of its headings' numbers.</summary>
    public string SectionNumber { get; set; } = "";

    /// <summary>Number of the last heading within the section.</summary>
    public int HeadingNumber { get; set; }

    public void Render(Block block)
    {
        switch (block)
        {
            case Heading h:
                HeadingNumber++;
                html.Append(CultureInfo.InvariantCulture, $"<h2 id=\"{Markup.Identifier(h.Id)}\"><span class=\"number\">{SectionNumber}.{HeadingNumber}</span> {InlineHtml.Plain(h.Title)}</h2>\n");
                break;
            case Subheading s:
                html.Append(CultureInfo.InvariantCulture, $"<h3{(s.Id is { } id ? $" id=\"{Markup.Identifier(id)}\"" : "")}>{InlineHtml.Plain(s.Title)}</h3>\n");
                break;
            case Paragraph p:
                html.Append(CultureInfo.InvariantCulture, $"<p{ParagraphClass(p.Style)}>{inline.Render(p.Content)}</p>\n");
                break;
            case ItemList l:
                List(l);
                break;
            case Facts f:
                Facts(f.Items, "facts");
                break;
            case DataTable t:
                Table(t);
                break;
            case Figure f:
                html.Append(CultureInfo.InvariantCulture, $"<figure>{f.Chart.Svg}<figcaption><span class=\"number\">Figure {++figures}</span> {InlineHtml.Plain(f.Chart.Title)}<span class=\"evidence\">{inline.Evidence(f.Evidence)}</span></figcaption></figure>\n");
                break;
            case Callout c:
                html.Append(CultureInfo.InvariantCulture, $"<div class=\"callout {InlineHtml.Class(c.Tone)}\"><p class=\"callout-title\">{InlineHtml.Plain(c.Title)}</p><p>{inline.Render(c.Content)}</p></div>\n");
                break;
            case Signatures s:
                Signatures(s.Items);
                break;
            case SignatureLine s:
                html.Append(CultureInfo.InvariantCulture, $"<div class=\"signature-line\"><div class=\"line\"></div><p><strong>{InlineHtml.Plain(s.Role)}</strong> · {InlineHtml.Plain(s.Meaning)}</p><p class=\"blanks\">Name <span class=\"blank\"></span> Date <span class=\"blank\"></span></p></div>\n");
                break;
            case EvidenceLine e:
                html.Append(CultureInfo.InvariantCulture, $"<p class=\"evidence\">{inline.Evidence(e.Evidence)}</p>\n");
                break;
            case CodeBlock c:
                html.Append(CultureInfo.InvariantCulture, $"<pre><code>{Markup.Escape(c.Content)}</code></pre>\n");
                break;
            default:
                throw new NotSupportedException($"No HTML for {block.GetType().Name}.");
        }
    }

    public void Facts(IReadOnlyList<Fact> facts, string css)
    {
        html.Append(CultureInfo.InvariantCulture, $"<table class=\"{css}\"><tbody>\n");
        foreach (var fact in facts)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{InlineHtml.Plain(fact.Name)}</th><td>{inline.Render(fact.Value)}</td></tr>\n");
        }

        html.Append("</tbody></table>\n");
    }

    public void Signatures(IReadOnlyList<Signature> signatures)
    {
        html.Append("<table class=\"signatures\"><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Role</th><th scope=\"col\">Meaning</th><th scope=\"col\">Time</th><th scope=\"col\" class=\"end\">Ledger entry</th></tr></thead><tbody>\n");
        foreach (var s in signatures)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td><strong>{InlineHtml.Plain(s.Name)}</strong></td><td>{InlineHtml.Plain(s.Role)}</td><td>{InlineHtml.Plain(s.Meaning)}</td><td>{NumberText.Time(s.At)}</td><td class=\"end\">{NumberText.Whole(s.LedgerIndex)}</td></tr>\n");
            if (!string.IsNullOrEmpty(s.Comment))
            {
                html.Append(CultureInfo.InvariantCulture, $"<tr class=\"comment\"><td colspan=\"5\">{InlineHtml.Plain(s.Comment)}</td></tr>\n");
            }
        }

        html.Append("</tbody></table>\n");
    }

    public void List(ItemList list)
    {
        var tag = list.Ordered ? "ol" : "ul";
        html.Append(CultureInfo.InvariantCulture, $"<{tag}>\n");
        foreach (var item in list.Items)
        {
            html.Append(CultureInfo.InvariantCulture, $"<li>{inline.Render(item)}</li>\n");
        }

        html.Append(CultureInfo.InvariantCulture, $"</{tag}>\n");
    }

    /// <summary>The caption is the first row of the head, so that it and the evidence repeat with the head on every page the table runs over.</summary>
    private void Table(DataTable table)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"table-{++tables}");
        html.Append(CultureInfo.InvariantCulture, $"<table class=\"data{(table.Columns.Count > 6 ? " dense" : "")}{(table.Rows.Count <= ShortTable ? " short" : "")}\" aria-labelledby=\"{id}\">");
        var total = table.Columns.Sum(c => c.Width);
        if (total > 0)
        {
            html.Append("<colgroup>");
            foreach (var column in table.Columns)
            {
                html.Append(CultureInfo.InvariantCulture, $"<col style=\"width:{column.Width / total * 100:0.##}%\">");
            }

            html.Append("</colgroup>");
        }

        var evidence = table.Evidence is { } reference ? $"<span class=\"evidence\">{inline.Evidence(reference)}</span>" : "";
        html.Append(CultureInfo.InvariantCulture, $"<thead><tr><th class=\"caption\" id=\"{id}\" colspan=\"{table.Columns.Count}\"><span class=\"number\">Table {tables}</span> {InlineHtml.Plain(table.Caption)}{evidence}</th></tr>\n<tr>");
        foreach (var column in table.Columns)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"{AlignClass(column)}>{InlineHtml.Plain(column.Title)}</th>");
        }

        html.Append("</tr></thead><tbody>\n");
        foreach (var row in table.Rows)
        {
            html.Append("<tr>");
            for (var i = 0; i < table.Columns.Count; i++)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td{AlignClass(table.Columns[i])}>{inline.Render(row.Cells[i])}</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody></table>\n");
    }

    private static string AlignClass(TableColumn column) => column.Align == Align.End ? " class=\"end\"" : "";

    private static string ParagraphClass(ParagraphStyle style) => style switch
    {
        ParagraphStyle.Lead => " class=\"lead\"",
        ParagraphStyle.Note => " class=\"note\"",
        _ => "",
    };
}
