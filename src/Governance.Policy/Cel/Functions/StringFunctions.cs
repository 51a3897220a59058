using System.Text;

namespace Governance.Policy.Cel;

/// <summary>Standard string functions and the strings extension. Positions count code points; results are paid for before they are made.</summary>
internal static class StringFunctions
{
    private static readonly CelType S = CelType.String;

    public static void AddTo(FunctionTable table)
    {
        table.Member("startsWith", CelType.Bool, S, S, (in CelValue s, in CelValue p) => CelValue.Of(s.AsString.StartsWith(p.AsString, StringComparison.Ordinal)));
        table.Member("endsWith", CelType.Bool, S, S, (in CelValue s, in CelValue p) => CelValue.Of(s.AsString.EndsWith(p.AsString, StringComparison.Ordinal)));
        table.Member("contains", CelType.Bool, S, S, (in CelValue s, in CelValue p) => CelValue.Of(s.AsString.Contains(p.AsString, StringComparison.Ordinal)));
        table.Member("charAt", S, [S, CelType.Int], (a, _) => Substring(a[0].AsString, a[1].AsInt, a[1].AsInt + 1, charAt: true));
        table.Member("substring", S, [S, CelType.Int], (a, _) => Substring(a[0].AsString, a[1].AsInt, null));
        table.Member("substring", S, [S, CelType.Int, CelType.Int], (a, _) => Substring(a[0].AsString, a[1].AsInt, a[2].AsInt));
        table.Member("indexOf", CelType.Int, [S, S], (a, b) => IndexOf(a[0].AsString, a[1].AsString, 0, b));
        table.Member("indexOf", CelType.Int, [S, S, CelType.Int], (a, b) => IndexOf(a[0].AsString, a[1].AsString, a[2].AsInt, b));
        table.Member("lastIndexOf", CelType.Int, [S, S], (a, b) => LastIndexOf(a[0].AsString, a[1].AsString, null, b));
        table.Member("lastIndexOf", CelType.Int, [S, S, CelType.Int], (a, b) => LastIndexOf(a[0].AsString, a[1].AsString, a[2].AsInt, b));
        table.Member("lowerAscii", S, S, (in CelValue s) => CelValue.Of(Ascii(s.AsString, 'A', 'Z', 32)));
        table.Member("upperAscii", S, S, (in CelValue s) => CelValue.Of(Ascii(s.AsString, 'a', 'z', -32)));
        table.Member("trim", S, S, (in CelValue s) => CelValue.Of(s.AsString.Trim()));
        table.Member("reverse", S, S, (in CelValue s) => CelValue.Of(string.Concat(s.AsString.EnumerateRunes().Reverse().Select(r => r.ToString()))));
        table.Member("replace", S, [S, S, S], (a, b) => Replace(a[0].AsString, a[1].AsString, a[2].AsString, -1, b));
        table.Member("replace", S, [S, S, S, CelType.Int], (a, b) => Replace(a[0].AsString, a[1].AsString, a[2].AsString, a[3].AsInt, b));
        table.Member("split", CelType.ListOf(S), [S, S], (a, b) => Split(a[0].AsString, a[1].AsString, -1, b));
        table.Member("split", CelType.ListOf(S), [S, S, CelType.Int], (a, b) => Split(a[0].AsString, a[1].AsString, a[2].AsInt, b));
        table.Member("join", S, [CelType.ListOf(S)], (a, b) => Join(a[0].AsList, "", b));
        table.Member("join", S, [CelType.ListOf(S), S], (a, b) => Join(a[0].AsList, a[1].AsString, b));
        table.Member("format", S, [S, CelType.ListOf(CelType.Dyn)], (a, b) => TextFormat.Format(a[0].AsString, a[1].AsList, b));
        table.Global("strings.quote", S, S, (in CelValue s) => CelValue.Of(Quote(s.AsString)));
        table.Member("matches", CelType.Bool, [S, S], (a, b) => Matches(a[0].AsString, a[1].AsString, b));
        table.Global("matches", CelType.Bool, [S, S], (a, b) => Matches(a[0].AsString, a[1].AsString, b));
    }

    private static CelValue Matches(string text, string pattern, ICelBudget budget)
    {
        budget.Charge(100 + pattern.Length + (text.Length / 4));
        return Re2.TryCompile(pattern, CelLimits.Default.RegexSize, out var regex, out var reason)
            ? CelValue.Of(regex.IsMatch(text))
            : CelValue.Error(CelErrorCode.InvalidArgument, $"invalid regular expression: {reason}");
    }

    private static CelValue Substring(string text, long start, long? end, bool charAt = false)
    {
        var from = CelText.Utf16Index(text, start);
        if (from < 0)
        {
            return OutOfRange(start);
        }

        if (charAt)
        {
            return CelValue.Of(from == text.Length ? "" : Rune.GetRuneAt(text, from).ToString());
        }

        var to = end is { } e ? CelText.Utf16Index(text, e) : text.Length;
        return to < 0 ? OutOfRange(end!.Value)
            : to < from ? CelValue.Error(CelErrorCode.InvalidArgument, $"invalid substring range. start: {start}, end: {end}")
            : CelValue.Of(text[from..to]);
    }

    private static CelValue IndexOf(string text, string part, long start, ICelBudget budget)
    {
        budget.Charge(text.Length / 16);
        var from = CelText.Utf16Index(text, start);
        if (from < 0)
        {
            return OutOfRange(start);
        }

        var found = text.IndexOf(part, from, StringComparison.Ordinal);
        return CelValue.Of(found < 0 ? -1L : CelText.CodePointIndex(text, found));
    }

    private static CelValue LastIndexOf(string text, string part, long? start, ICelBudget budget)
    {
        budget.Charge(text.Length / 16);
        var from = start is { } s ? CelText.Utf16Index(text, s) : text.Length;
        if (from < 0)
        {
            return OutOfRange(start!.Value);
        }

        var found = text.AsSpan(0, (int)Math.Min(text.Length, (long)from + part.Length)).LastIndexOf(part, StringComparison.Ordinal);
        return CelValue.Of(found < 0 ? -1L : CelText.CodePointIndex(text, part.Length == 0 ? from : found));
    }

    private static string Ascii(string text, char first, char last, int shift) =>
        string.Create(text.Length, (text, first, last, shift), static (span, s) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                var c = s.text[i];
                span[i] = c >= s.first && c <= s.last ? (char)(c + s.shift) : c;
            }
        });

    private static CelValue Replace(string text, string old, string with, long limit, ICelBudget budget)
    {
        var pieces = Pieces(text, old, limit < 0 ? int.MaxValue : limit, budget);
        budget.Charge((text.Length + ((long)pieces.Count * with.Length)) / 16);
        return CelValue.Of(string.Join(with, pieces));
    }

    private static CelValue Split(string text, string separator, long limit, ICelBudget budget) => limit switch
    {
        0 => CelValue.Of(CelList.Empty),
        _ when separator.Length == 0 => Strings(SplitRunes(text, limit < 0 ? int.MaxValue : limit, budget)),
        _ => Strings(Pieces(text, separator, limit < 0 ? int.MaxValue : limit - 1, budget)),
    };

    private static CelValue Strings(List<string> texts) => CelValue.ListOf([.. texts.Select(CelValue.Of)]);

    private static List<string> SplitRunes(string text, long limit, ICelBudget budget)
    {
        budget.Charge(text.Length);
        var runes = text.EnumerateRunes().Select(r => r.ToString()).ToList();
        return runes.Count <= limit ? runes : [.. runes.Take((int)limit - 1), string.Concat(runes.Skip((int)limit - 1))];
    }

    /// <summary>The text cut at up to <paramref name="cuts"/> places where the separator is; an empty separator is around every code point.</summary>
    private static List<string> Pieces(string text, string separator, long cuts, ICelBudget budget)
    {
        var pieces = new List<string>();
        if (separator.Length == 0)
        {
            budget.Charge(text.Length);
            var at = 0;
            for (var start = true; cuts > 0 && (start || at < text.Length); cuts--)
            {
                var length = start ? 0 : Rune.GetRuneAt(text, at).Utf16SequenceLength;
                pieces.Add(text.Substring(at, length));
                at += length;
                start = false;
            }

            pieces.Add(text[at..]);
            return pieces;
        }

        budget.Charge(text.Length / 16);
        var from = 0;
        for (int found; cuts > 0 && (found = text.IndexOf(separator, from, StringComparison.Ordinal)) >= 0; cuts--)
        {
            budget.Charge(1);
            pieces.Add(text[from..found]);
            from = found + separator.Length;
        }

        pieces.Add(text[from..]);
        return pieces;
    }

    private static CelValue Join(CelList list, string separator, ICelBudget budget)
    {
        long length = 0;
        var texts = new string[list.Count];
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].Kind != CelKind.String)
            {
                return Operators.NoOverload("join", list[i]);
            }

            texts[i] = list[i].AsString;
            length += texts[i].Length + separator.Length;
        }

        budget.Charge(list.Count + (length / 16));
        return CelValue.Of(string.Join(separator, texts));
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\a' => quoted.Append("\\a"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\v' => quoted.Append("\\v"),
                '\\' => quoted.Append("\\\\"),
                '"' => quoted.Append("\\\""),
                _ => quoted.Append(rune.ToString()),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static CelValue OutOfRange(long index) => CelValue.Error(CelErrorCode.InvalidArgument, $"index out of range: {index}");
}
