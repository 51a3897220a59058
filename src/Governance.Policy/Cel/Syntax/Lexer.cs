using System.Buffers;

namespace Governance.Policy.Cel;

/// <summary>Cuts a source into tokens. Throws <see cref="CelSyntaxException"/> at the first character that cannot be part of one.</summary>
internal static class Lexer
{
    private static readonly SearchValues<char> QuotedCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/ ");

    private static readonly string[] Operators = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

    public static List<Token> Tokens(string text)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (true)
        {
            SkipSpace(text, ref at);
            if (at >= text.Length)
            {
                tokens.Add(new Token(TokenKind.End, text.Length, ""));
                return tokens;
            }

            tokens.Add(Next(text, ref at));
        }
    }

    public static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    public static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static void SkipSpace(string text, ref int at)
    {
        while (at < text.Length)
        {
            if (text[at] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                at++;
            }
            else if (text[at] == '/' && at + 1 < text.Length && text[at + 1] == '/')
            {
                var end = text.IndexOf('\n', at);
                at = end < 0 ? text.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private static Token Next(string text, ref int at)
    {
        var start = at;
        var c = text[at];
        if (StringLiteral.Starts(text, at))
        {
            return StringLiteral.Read(text, ref at);
        }

        if (IsNameStart(c))
        {
            while (at < text.Length && IsName(text[at]))
            {
                at++;
            }

            return new Token(TokenKind.Identifier, start, text[start..at]);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
        {
            return Number(text, ref at);
        }

        if (c == '`')
        {
            return QuotedName(text, ref at);
        }

        foreach (var op in Operators)
        {
            if (string.CompareOrdinal(text, at, op, 0, op.Length) == 0)
            {
                at += op.Length;
                return new Token(TokenKind.Operator, start, op);
            }
        }

        var hint = c switch
        {
            '=' => "; equality is written '=='",
            '&' => "; 'and' is written '&&'",
            '|' => "; 'or' is written '||'",
            '“' or '”' or '‘' or '’' => "; use straight quotes",
            _ => "",
        };
        throw new CelSyntaxException(start, $"unexpected character '{c}'{hint}");
    }

    private static Token Number(string text, ref int at)
    {
        var start = at;
        if (text[at] == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X')
        {
            at += 2;
            while (at < text.Length && char.IsAsciiHexDigit(text[at]))
            {
                at++;
            }

            return Integer(text, start, ref at);
        }

        Digits(text, ref at);
        var real = false;
        if (at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]))
        {
            real = true;
            at++;
            Digits(text, ref at);
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var exponent = at + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
            {
                exponent++;
            }

            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                real = true;
                at = exponent;
                Digits(text, ref at);
            }
        }

        return real ? new Token(TokenKind.Double, start, text[start..at]) : Integer(text, start, ref at);
    }

    private static Token Integer(string text, int start, ref int at)
    {
        var digits = text[start..at];
        if (at < text.Length && text[at] is 'u' or 'U')
        {
            at++;
            return new Token(TokenKind.Uint, start, digits);
        }

        return new Token(TokenKind.Int, start, digits);
    }

    private static void Digits(string text, ref int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
    }

    private static Token QuotedName(string text, ref int at)
    {
        var start = at;
        var end = text.IndexOf('`', at + 1);
        if (end < 0 || end == at + 1)
        {
            throw new CelSyntaxException(start, "a quoted field name needs a closing '`' and at least one character");
        }

        var name = text[(at + 1)..end];
        if (name.AsSpan().ContainsAnyExcept(QuotedCharacters))
        {
            throw new CelSyntaxException(start, "a quoted field name holds letters, digits, '_', '.', '-', '/' and spaces only");
        }

        at = end + 1;
        return new Token(TokenKind.Quoted, start, name);
    }
}
