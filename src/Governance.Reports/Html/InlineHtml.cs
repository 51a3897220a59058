using System.Text;
using Governance.Reports.Documents;

namespace Governance.Reports.Html;

/// <summary>Renders running text.</summary>
internal sealed class InlineHtml(IReadOnlySet<string> targets)
{
    private const int HashBreak = 16;
    private const int LongWord = 14;

    public static string EvidenceId(EvidenceReference evidence) => "evidence-" + Markup.Identifier(evidence.Key);

    public string Render(Phrase phrase) => string.Concat(phrase.Select(Render));

    public static string Plain(string text)
    {
        var escaped = Breakable(text);
        return Markup.HasRightToLeft(text) ? $"<bdi>{escaped}</bdi>" : escaped;
    }

    public static string Hash(string digest)
    {
        var html = new StringBuilder("<code class=\"hash\">");
        var start = digest.IndexOf(':', StringComparison.Ordinal) + 1;
        html.Append(digest, 0, start);
        for (; start < digest.Length; start += HashBreak)
        {
            html.Append(digest, start, Math.Min(HashBreak, digest.Length - start)).Append("<wbr>");
        }

        return html.Append("</code>").ToString();
    }

    /// <summary>Escaped, with a chance to break after the joints of a long identifier: <c>_ = . / :</c>.</summary>
    private static string Breakable(string text) => string.Join(' ', text.Split(' ')
        .Select(word => word.Length < LongWord ? Markup.Escape(word) : string.Join("<wbr>", Pieces(word).Select(Markup.Escape))));

    private static IEnumerable<string> Pieces(string word)
    {
        var start = 0;
        for (var i = 1; i < word.Length - 1; i++)
        {
            if (word[i] is '_' or '=' or '.' or '/' or ':' && char.IsLetterOrDigit(word[i + 1]))
            {
                yield return word[start..(i + 1)];
                start = i + 1;
            }
        }

        yield return word[start..];
    }

    /// <summary>The evidence line: key, check, digest and ledger index.</summary>
    public string Evidence(EvidenceReference evidence) =>
        $"{Mark(evidence)} <span class=\"check\">{Markup.Escape(evidence.Check)}</span> {Hash(evidence.Digest.ToString())} " +
        $"<span class=\"entry\">ledger entry {NumberText.Whole(evidence.LedgerIndex)}</span>";

    private string Render(Inline inline) => inline switch
    {
        Text t => Plain(t.Value),
        Strong s => $"<strong>{Plain(s.Value)}</strong>",
        Code c => $"<code>{Plain(c.Value)}</code>",
        Documents.Hash h => h.Value.IsEmpty ? NumberText.None : Hash(h.Value.ToString()),
        Badge b => $"<span class=\"badge {Class(b.Tone)}\">{Plain(b.Value)}</span>",
        EvidenceMark m => Mark(m.Evidence),
        _ => throw new NotSupportedException($"No HTML for {inline.GetType().Name}."),
    };

    public static string Class(Tone tone) => tone switch
    {
        Tone.Good => "good",
        Tone.Caution => "caution",
        Tone.Bad => "bad",
        _ => "neutral",
    };

    private string Mark(EvidenceReference evidence)
    {
        var id = EvidenceId(evidence);
        var key = Markup.Escape(evidence.Key);
        return targets.Contains(id) ? $"<a class=\"mark\" href=\"#{id}\">{key}</a>" : $"<span class=\"mark\">{key}</span>";
    }
}
