using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Governance.Policy.Cel;

/// <summary>Reads a bracketed class or an escape of RE2 and writes it in the platform's syntax, surrogate pairs included.</summary>
internal sealed class Re2Class
{
    private static readonly Dictionary<string, string> Named = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z", ["alpha"] = "A-Za-z", ["ascii"] = @"\x00-\x7F", ["blank"] = @"\t ", ["cntrl"] = @"\x00-\x1F\x7F", ["digit"] = "0-9",
        ["graph"] = "!-~", ["lower"] = "a-z", ["print"] = " -~", ["punct"] = @"!-/:-@\[-`{-~", ["space"] = @"\t\n\v\f\r ", ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_", ["xdigit"] = "0-9A-Fa-f",
    };

    public Re2Class(string pattern, ref int at)
    {
        at++;
        var negated = at < pattern.Length && pattern[at] == '^';
        at += negated ? 1 : 0;
        var basic = new StringBuilder();
        var beyond = new List<string>();
        for (var first = true; at < pattern.Length && (pattern[at] != ']' || first); first = false)
        {
            if (pattern[at] == '[' && Regex.Match(pattern[at..], @"^\[:(?<not>\^?)(?<name>[a-z]+):\]", Re2.Syntax) is { Success: true } name)
            {
                at += name.Length;
                var set = Named.GetValueOrDefault(name.Groups["name"].Value) ?? throw new FormatException("an unknown class name in '[: :]'");
                basic.Append(name.Groups["not"].Length > 0 ? Complement(set) : set);
                continue;
            }

            if (Single(pattern, ref at, out var from) is { } group)
            {
                basic.Append(group);
                continue;
            }

            var to = from;
            if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
            {
                at++;
                if (Single(pattern, ref at, out to) is not null || to < from)
                {
                    throw new FormatException("a range in '[]' is upside down or has no end");
                }
            }

            AddRange(basic, beyond, from.Value, to.Value);
        }

        if (at >= pattern.Length)
        {
            throw new FormatException("a '[' without ']'");
        }

        at++;
        Pattern = Write(basic.ToString(), beyond, negated);
    }

    public string Pattern { get; }

    /// <summary>A literal character, escaped; a pair of surrogates as one group.</summary>
    public static string Text(Rune rune) => rune.IsBmp ? Unit(rune.Value) : $"(?:{Unit(rune.ToString()[0])}{Unit(rune.ToString()[1])})";

    /// <summary>Reads an escape: the content of a class for sets such as <c>\d</c>, else null and the character.</summary>
    public static string? Escape(string pattern, ref int at, out Rune rune)
    {
        rune = default;
        if (at + 1 >= pattern.Length)
        {
            throw new FormatException("the pattern ends after '\\'");
        }

        var c = pattern[at + 1];
        at += 2;
        switch (c)
        {
            case 'd':
                return "0-9";
            case 'D':
                return Complement("0-9");
            case 'w':
                return "0-9A-Za-z_";
            case 'W':
                return Complement("0-9A-Za-z_");
            case 's':
                return @"\t\n\f\r ";
            case 'S':
                return Complement(@"\t\n\f\r ");
            case 'p' or 'P':
                return Property(pattern, ref at, c);
            case 'x':
                rune = Hex(pattern, ref at);
                return null;
            case >= '1' and <= '7' when at >= pattern.Length || pattern[at] is < '0' or > '7':
            case '8' or '9':
                throw new FormatException("back references do not exist in RE2");
            case >= '0' and <= '7':
                var value = c - '0';
                for (var i = 0; i < 2 && at < pattern.Length && pattern[at] is >= '0' and <= '7'; i++, at++)
                {
                    value = (value * 8) + (pattern[at] - '0');
                }

                rune = new Rune(value);
                return null;
            default:
                rune = c switch
                {
                    'a' => new Rune('\a'), 'f' => new Rune('\f'), 'n' => new Rune('\n'), 'r' => new Rune('\r'), 't' => new Rune('\t'), 'v' => new Rune('\v'),
                    _ when c < 128 && !char.IsAsciiLetterOrDigit(c) => new Rune(c),
                    _ => throw new FormatException($"the escape '\\{c}' does not exist in RE2"),
                };
                return null;
        }
    }

    private static string? Single(string pattern, ref int at, out Rune rune)
    {
        if (pattern[at] == '\\')
        {
            return Escape(pattern, ref at, out rune);
        }

        rune = Rune.GetRuneAt(pattern, at);
        at += rune.Utf16SequenceLength;
        return null;
    }

    private static string Property(string pattern, ref int at, char letter)
    {
        var match = Regex.Match(pattern[at..], @"^(\{(?<not>\^?)(?<name>[A-Za-z_]+)\}|[A-Z])", Re2.Syntax);
        var name = match.Groups["name"].Success ? match.Groups["name"].Value : match.Value;
        if (!match.Success || name.Length > 2)
        {
            throw new FormatException("only Unicode general categories such as \\p{Lu} are supported after \\p");
        }

        at += match.Length;
        var negated = (letter == 'P') != (match.Groups["not"].Length > 0);
        return $@"\{(negated ? 'P' : 'p')}{{{name}}}";
    }

    private static Rune Hex(string pattern, ref int at)
    {
        var match = Regex.Match(pattern[at..], @"^(\{[0-9A-Fa-f]{1,6}\}|[0-9A-Fa-f]{2})", Re2.Syntax);
        at += match.Length;
        return match.Success && Rune.TryCreate(int.Parse(match.Value.Trim('{', '}'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), out var rune)
            ? rune
            : throw new FormatException("\\x takes two hexadecimal digits, or up to six in braces");
    }

    private static void AddRange(StringBuilder basic, List<string> beyond, int from, int to)
    {
        if (from <= 0xFFFF)
        {
            basic.Append(Unit(from)).Append('-').Append(Unit(Math.Min(to, 0xFFFF)));
        }

        for (var first = Math.Max(from, 0x10000); first <= to;)
        {
            var high = new Rune(first).ToString()[0];
            var last = Math.Min(to, (first | 0x3FF));
            beyond.Add($"{Unit(high)}[{Unit(new Rune(first).ToString()[1])}-{Unit(new Rune(last).ToString()[1])}]");
            first = last + 1;
        }
    }

    private static string Write(string basic, List<string> beyond, bool negated)
    {
        if (beyond.Count > 64)
        {
            beyond = [@"[\uD800-\uDBFF][\uDC00-\uDFFF]"];
        }

        if (!negated)
        {
            return beyond.Count == 0 ? $"[{basic}]" : $"(?:{string.Join('|', beyond)}{(basic.Length > 0 ? $"|[{basic}]" : "")})";
        }

        if (beyond.Count > 0)
        {
            throw new FormatException("a negated class with characters beyond U+FFFF is not supported");
        }

        return $@"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[^{basic}\uD800-\uDFFF])";
    }

    private static string Complement(string set)
    {
        // Only ASCII sets come here: everything else in the basic plane, and the ASCII characters outside the set.
        var inside = new Regex($"^[{set}]$", RegexOptions.NonBacktracking);
        var outside = Enumerable.Range(0, 128).Where(c => c == '\n' ? !inside.IsMatch("\n") && !set.Contains(@"\n", StringComparison.Ordinal) : !inside.IsMatch(((char)c).ToString()));
        return string.Concat(outside.Select(Unit)) + @"\u0080-\uFFFF";
    }

    private static string Unit(int value) => $@"\u{value:X4}";
}
