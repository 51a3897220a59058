using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Governance.Policy.Cel;

/// <summary>
/// Regular expressions in RE2 syntax on the platform's linear-time engine. The pattern is read here, piece by piece, and written again in the
/// platform's syntax: what RE2 lacks (back references, look-around, possessive and atomic groups) is refused, <c>\d \w \s</c> are ASCII,
/// <c>$</c> is the very end, and characters beyond the basic plane count as one.
/// </summary>
internal sealed class Re2
{
    internal const RegexOptions Syntax = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture;
    private const int MaxRepeat = 1_000;
    private const int CacheSize = 256;
    private const string AnyCharacter = @"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S])";
    private const string AnyButNewline = @"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[^\n])";
    private static readonly ConcurrentDictionary<string, Regex> Cache = new(StringComparer.Ordinal);

    private readonly string pattern;
    private readonly StringBuilder output = new();
    private int at;
    private bool dotAll;
    private bool multiline;
    private bool swapGreed;

    private Re2(string pattern) => this.pattern = pattern;

    public static bool TryCompile(string pattern, int limit, [NotNullWhen(true)] out Regex? regex, out string reason)
    {
        reason = "";
        if (Cache.TryGetValue(pattern, out regex))
        {
            return true;
        }

        if (pattern.Length > limit)
        {
            reason = $"longer than the limit {nameof(CelLimits.RegexSize)} of {limit} characters";
            return false;
        }

        try
        {
            var reader = new Re2(pattern);
            reader.Alternatives(0);
            if (reader.at < pattern.Length)
            {
                throw new FormatException("a ')' without '('");
            }

            regex = new Regex(reader.output.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            if (Cache.Count >= CacheSize)
            {
                // Starts anew: a full cache that took nothing more would have every later pattern compiled at each use.
                Cache.Clear();
            }

            Cache.TryAdd(pattern, regex);
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException)
        {
            reason = e is FormatException ? e.Message : "not a regular expression in RE2 syntax, or too large";
            return false;
        }
    }

    private char Peek => at < pattern.Length ? pattern[at] : '\0';

    private void Alternatives(int depth)
    {
        if (depth > 50)
        {
            throw new FormatException("groups are nested deeper than 50");
        }

        var (savedDot, savedLines, savedGreed) = (dotAll, multiline, swapGreed);
        while (at < pattern.Length && pattern[at] != ')')
        {
            if (pattern[at] == '|')
            {
                output.Append('|');
                at++;
            }
            else
            {
                Piece(depth);
            }
        }

        (dotAll, multiline, swapGreed) = (savedDot, savedLines, savedGreed);
    }

    private void Piece(int depth)
    {
        var start = output.Length;
        var quantifiable = Atom(depth);
        var repeats = 0;
        while (at < pattern.Length && Quantifier() is { } quantifier)
        {
            if (!quantifiable || repeats++ > 0)
            {
                throw new FormatException("a repetition has nothing to repeat");
            }

            var lazy = Peek == '?';
            at += lazy ? 1 : 0;
            if (Peek == '+')
            {
                throw new FormatException("possessive repetitions do not exist in RE2");
            }

            output.Insert(start, "(?:").Append(')').Append(quantifier).Append(lazy != swapGreed ? "?" : "");
        }
    }

    private string? Quantifier()
    {
        switch (pattern[at])
        {
            case '*' or '+' or '?':
                return pattern[at++].ToString();
            case '{' when Regex.Match(pattern[at..], @"^\{[0-9]{1,4}(,[0-9]{0,4})?\}", Syntax) is { Success: true } match:
                var bounds = match.Value.Trim('{', '}').Split(',').Where(b => b.Length > 0).Select(b => int.Parse(b, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
                if (bounds.Any(b => b > MaxRepeat) || (bounds.Length == 2 && bounds[0] > bounds[1]))
                {
                    throw new FormatException($"a repetition count is above {MaxRepeat} or upside down");
                }

                at += match.Length;
                return match.Value;
            default:
                return null;
        }
    }

    /// <summary>One atom; false for those that cannot be repeated (flags).</summary>
    private bool Atom(int depth)
    {
        var c = pattern[at];
        switch (c)
        {
            case '(':
                return Group(depth);
            case '[':
                output.Append(new Re2Class(pattern, ref at).Pattern);
                return true;
            case '.':
                at++;
                output.Append(dotAll ? AnyCharacter : AnyButNewline);
                return true;
            case '^':
                at++;
                output.Append(multiline ? "(?m:^)" : @"\A");
                return true;
            case '$':
                at++;
                output.Append(multiline ? "(?m:$)" : @"\z");
                return true;
            case '*' or '+' or '?':
                throw new FormatException("a repetition has nothing to repeat");
            case '\\':
                Escape();
                return true;
            default:
                Literal(Rune.GetRuneAt(pattern, at));
                return true;
        }
    }

    private bool Group(int depth)
    {
        at++;
        if (Peek != '?')
        {
            output.Append("(?:");
            Close(depth);
            return true;
        }

        var named = Regex.Match(pattern[at..], @"^\?P?<[A-Za-z_][A-Za-z0-9_]*>", Syntax);
        if (named.Success)
        {
            at += named.Length;
            output.Append("(?:");
            Close(depth);
            return true;
        }

        var flags = Regex.Match(pattern[at..], @"^\?(?<on>[imsU]*)(?<off>-[imsU]+)?(:|\))", Syntax);
        if (!flags.Success)
        {
            throw new FormatException("look-around, atomic groups and comments do not exist in RE2");
        }

        at += flags.Length;
        var on = flags.Groups["on"].Value;
        var off = flags.Groups["off"].Value;
        var (savedDot, savedLines, savedGreed) = (dotAll, multiline, swapGreed);
        dotAll = Flag('s', dotAll);
        multiline = Flag('m', multiline);
        swapGreed = Flag('U', swapGreed);
        var ignoreCase = on.Contains('i', StringComparison.Ordinal) ? "i" : off.Contains('i', StringComparison.Ordinal) ? "-i" : "";
        if (flags.Value.EndsWith(')'))
        {
            output.Append(ignoreCase.Length > 0 ? $"(?{ignoreCase})" : "");
            return false;
        }

        output.Append("(?").Append(ignoreCase).Append(':');
        Close(depth);
        (dotAll, multiline, swapGreed) = (savedDot, savedLines, savedGreed);
        return true;

        bool Flag(char flag, bool current) =>
            on.Contains(flag, StringComparison.Ordinal) || (current && !off.Contains(flag, StringComparison.Ordinal));
    }

    private void Close(int depth)
    {
        Alternatives(depth + 1);
        if (Peek != ')')
        {
            throw new FormatException("a '(' without ')'");
        }

        at++;
        output.Append(')');
    }

    private void Escape()
    {
        if (at + 1 >= pattern.Length)
        {
            throw new FormatException("the pattern ends after '\\'");
        }

        switch (pattern[at + 1])
        {
            case 'A' or 'z':
                output.Append('\\').Append(pattern[at + 1]);
                at += 2;
                return;
            case 'b' or 'B':
                output.Append('\\').Append(pattern[at + 1]);
                at += 2;
                return;
            case 'C':
                throw new FormatException("\\C does not exist for Unicode text");
            case 'Q':
                var end = pattern.IndexOf(@"\E", at, StringComparison.Ordinal);
                var quoted = end < 0 ? pattern[(at + 2)..] : pattern[(at + 2)..end];
                output.Append(Regex.Escape(quoted));
                at = end < 0 ? pattern.Length : end + 2;
                return;
            default:
                output.Append(Re2Class.Escape(pattern, ref at, out var rune) is { } set ? $"[{set}]" : Re2Class.Text(rune));
                return;
        }
    }

    private void Literal(Rune rune)
    {
        at += rune.Utf16SequenceLength;
        output.Append(Re2Class.Text(rune));
    }
}
