using System.Text;

namespace Governance.Policy.Cel;

/// <summary>Reads string and bytes literals: prefixes <c>r</c> and <c>b</c>, single and triple quotes, escapes.</summary>
internal static class StringLiteral
{
    public static bool Starts(string text, int at)
    {
        for (var i = 0; i < 3 && at + i < text.Length; i++)
        {
            var c = text[at + i];
            if (c is '"' or '\'')
            {
                return true;
            }

            if (c is not ('r' or 'R' or 'b' or 'B'))
            {
                return false;
            }
        }

        return false;
    }

    public static Token Read(string text, ref int at)
    {
        var start = at;
        var raw = false;
        var bytes = false;
        for (; text[at] is not ('"' or '\''); at++)
        {
            var isRaw = text[at] is 'r' or 'R';
            if (isRaw ? raw : bytes)
            {
                throw new CelSyntaxException(start, "a literal takes each of the prefixes 'r' and 'b' once");
            }

            raw |= isRaw;
            bytes |= !isRaw;
        }

        var quote = text[at];
        var triple = string.CompareOrdinal(text, at, new string(quote, 3), 0, 3) == 0;
        var close = new string(quote, triple ? 3 : 1);
        at += close.Length;
        var builder = new Builder(bytes);
        while (string.CompareOrdinal(text, at, close, 0, close.Length) != 0)
        {
            if (at >= text.Length || (!triple && text[at] is '\n' or '\r'))
            {
                throw new CelSyntaxException(start, $"the literal is not closed; expected {close}");
            }

            if (text[at] != '\\')
            {
                builder.Append(Rune(text, ref at));
            }
            else if (raw)
            {
                builder.Append(new Rune('\\'));
                at++;
            }
            else
            {
                Escape(text, ref at, builder, bytes);
            }
        }

        at += close.Length;
        return bytes
            ? new Token(TokenKind.Bytes, start, text[start..at], CelValue.Of(builder.Bytes()))
            : new Token(TokenKind.String, start, text[start..at], CelValue.Of(builder.Text()));
    }

    private static Rune Rune(string text, ref int at)
    {
        if (!System.Text.Rune.TryGetRuneAt(text, at, out var rune))
        {
            throw new CelSyntaxException(at, "half of a surrogate pair is no character");
        }

        at += rune.Utf16SequenceLength;
        return rune;
    }

    private static void Escape(string text, ref int at, Builder builder, bool bytes)
    {
        var start = at++;
        var c = at < text.Length ? text[at++] : '\0';
        var simple = c switch
        {
            'a' => '\a', 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v',
            '\\' or '?' or '"' or '\'' or '`' => c,
            _ => '\0',
        };
        if (simple != '\0')
        {
            builder.Append(new Rune(simple));
            return;
        }

        var (digits, radix) = c switch
        {
            'x' or 'X' => (2, 16),
            'u' when !bytes => (4, 16),
            'U' when !bytes => (8, 16),
            >= '0' and <= '3' => (3, 8),
            _ => throw new CelSyntaxException(start, $"unknown escape '\\{c}'"),
        };
        at -= radix == 8 ? 1 : 0;
        uint value = 0;
        for (var i = 0; i < digits; i++, at++)
        {
            var digit = at < text.Length && char.IsAsciiHexDigit(text[at]) ? Convert.ToInt32(text[at].ToString(), 16) : 99;
            if (digit >= radix)
            {
                throw new CelSyntaxException(start, $"the escape '\\{c}' takes {digits} {(radix == 8 ? "octal" : "hexadecimal")} digits");
            }

            value = (value * (uint)radix) + (uint)digit;
        }

        if (bytes)
        {
            builder.AppendByte((byte)value);
        }
        else if (System.Text.Rune.TryCreate(value, out var rune))
        {
            builder.Append(rune);
        }
        else
        {
            throw new CelSyntaxException(start, "the escape names no Unicode character");
        }
    }

    private sealed class Builder(bool bytes)
    {
        private readonly StringBuilder text = new();
        private readonly List<byte> octets = [];

        public void Append(Rune rune)
        {
            if (!bytes)
            {
                text.Append(rune);
                return;
            }

            Span<byte> utf8 = stackalloc byte[4];
            octets.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
        }

        public void AppendByte(byte value) => octets.Add(value);

        public string Text() => text.ToString();

        public byte[] Bytes() => [.. octets];
    }
}
