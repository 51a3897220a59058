using System.Globalization;

namespace Governance.Policy.Cel;

/// <summary>
/// Recursive descent over the tokens, macros expanded on the way. Bounded: the nesting of the source and the depth of the tree
/// have limits, so that no source can exhaust the stack. Throws <see cref="CelSyntaxException"/>.
/// </summary>
internal sealed class Parser
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    };

    private readonly CelSource source;
    private readonly CelLimits limits;
    private readonly bool macros;
    private readonly List<Token> tokens;
    private int at;
    private int nesting;

    private Parser(CelSource source, CelLimits limits, bool macros)
    {
        this.source = source;
        this.limits = limits;
        this.macros = macros;
        tokens = Lexer.Tokens(source.Text);
    }

    private Token Current => tokens[at];

    public static Expr Parse(CelSource source, CelLimits limits, bool macros)
    {
        if (source.Text.Length > limits.ExpressionSize)
        {
            throw new CelSyntaxException(0, $"the expression is longer than the limit {nameof(CelLimits.ExpressionSize)} of {limits.ExpressionSize} characters");
        }

        var parser = new Parser(source, limits, macros);
        var expr = parser.Expression();
        return parser.Current.Kind == TokenKind.End ? expr : throw parser.Unexpected("an operator or the end of the expression");
    }

    private Expr Expression()
    {
        if (++nesting > limits.NestingDepth)
        {
            throw TooDeep(Current.Offset);
        }

        var condition = Or();
        if (Current.Is("?"))
        {
            var mark = Take().Offset;
            var yes = Or();
            Expect(":", "':' and the value for the other case");
            var no = Expression();
            condition = Finish(new CallExpr(mark, "_?_:_", null, [condition, yes, no]), condition.Span.From);
        }

        nesting--;
        return condition;
    }

    private Expr Or() => Logic("||", isAnd: false, And);

    private Expr And() => Logic("&&", isAnd: true, Relation);

    private Expr Logic(string op, bool isAnd, Func<Expr> operand)
    {
        var first = operand();
        if (!Current.Is(op))
        {
            return first;
        }

        var mark = Current.Offset;
        var terms = new List<Expr> { first };
        while (Current.Is(op))
        {
            Take();
            terms.Add(operand());
        }

        return Finish(new LogicExpr(mark, isAnd, terms), first.Span.From);
    }

    private Expr Relation() => Binary(Sum, "==", "!=", "<=", ">=", "<", ">", "in");

    private Expr Sum() => Binary(Product, "+", "-");

    private Expr Product() => Binary(Unary, "*", "/", "%");

    private Expr Binary(Func<Expr> operand, params string[] operators)
    {
        var left = operand();
        while ((Current.Kind == TokenKind.Operator || Current is { Kind: TokenKind.Identifier, Text: "in" }) && operators.Contains(Current.Text))
        {
            var op = Take();
            var right = operand();
            var name = op.Text == "in" ? "@in" : $"_{op.Text}_";
            left = Finish(new CallExpr(op.Offset, name, null, [left, right]), left.Span.From);
        }

        return left;
    }

    private Expr Unary()
    {
        if (!Current.Is("!") && !Current.Is("-"))
        {
            return Member();
        }

        var op = Take();
        if (op.Text == "-" && Current.Kind is TokenKind.Int or TokenKind.Double)
        {
            return Member(op);
        }

        if (++nesting > limits.NestingDepth)
        {
            throw TooDeep(op.Offset);
        }

        var operand = Unary();
        nesting--;
        return Finish(new CallExpr(op.Offset, op.Text == "!" ? "!_" : "-_", null, [operand]), op.Offset);
    }

    private Expr Member(Token? minus = null)
    {
        var from = minus?.Offset ?? Current.Offset;
        var expr = minus is null ? Primary() : Finish(Number(Take(), negative: true), from);
        while (true)
        {
            var mark = Current.Offset;
            if (Current.Is("."))
            {
                Take();
                var optional = TakeIf("?");
                var quoted = Current.Kind == TokenKind.Quoted;
                var name = FieldName();
                expr = !optional && !quoted && Current.Is("(")
                    ? MemberCall(mark, expr, name)
                    : Finish(new SelectExpr(mark, expr, name, Optional: optional), from);
            }
            else if (Current.Is("["))
            {
                Take();
                var optional = TakeIf("?");
                var index = Expression();
                Expect("]", "']' after the index");
                expr = Finish(new CallExpr(mark, optional ? "_[?_]" : "_[_]", null, [expr, index]), from);
            }
            else if (Current.Is("{") && QualifiedName(expr) is var (typeName, rooted))
            {
                expr = Finish(new MessageExpr(mark, typeName, rooted, Fields()), from);
            }
            else
            {
                return expr;
            }
        }
    }

    private Expr MemberCall(int mark, Expr target, string name)
    {
        var arguments = Arguments();
        var expanded = macros ? Macros.Member(mark, target, name, arguments) : null;
        return Finish(expanded ?? new CallExpr(mark, name, target, arguments), target.Span.From);
    }

    private Expr Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Int or TokenKind.Uint or TokenKind.Double:
                return Finish(Number(Take(), negative: false), token.Offset);
            case TokenKind.String or TokenKind.Bytes:
                return Finish(new LiteralExpr(Take().Offset, token.Value), token.Offset);
            case TokenKind.Identifier:
                return Finish(Identifier(rooted: false), token.Offset);
            case TokenKind.Operator when token.Text == ".":
                Take();
                return Finish(Current.Kind == TokenKind.Identifier ? Identifier(rooted: true) : throw Unexpected("a name after the leading '.'"), token.Offset);
            case TokenKind.Operator when token.Text == "(":
                Take();
                var inner = Expression();
                Expect(")", "')' to close the parenthesis");
                return inner with { Span = (token.Offset, PreviousEnd()) };
            case TokenKind.Operator when token.Text == "[":
                return Finish(List(), token.Offset);
            case TokenKind.Operator when token.Text == "{":
                return Finish(Map(), token.Offset);
            default:
                throw Unexpected("a value: a literal, a name, '(', '[' or '{'");
        }
    }

    private Expr Identifier(bool rooted)
    {
        var token = Take();
        if (!rooted && token.Text is "true" or "false" or "null")
        {
            return new LiteralExpr(token.Offset, token.Text switch { "true" => CelValue.True, "false" => CelValue.False, _ => CelValue.Null });
        }

        if (token.Text == "in" || Reserved.Contains(token.Text))
        {
            throw new CelSyntaxException(token.Offset, $"'{token.Text}' is a reserved word and cannot be a name");
        }

        if (!Current.Is("("))
        {
            return new IdentExpr(token.Offset, token.Text, rooted);
        }

        var arguments = Arguments();
        var expanded = macros && !rooted ? Macros.Global(token.Offset, token.Text, arguments) : null;
        return expanded ?? new CallExpr(token.Offset, rooted ? "." + token.Text : token.Text, null, arguments);
    }

    private List<Expr> Arguments()
    {
        Expect("(", "'('");
        var arguments = new List<Expr>();
        if (!TakeIf(")"))
        {
            do
            {
                arguments.Add(Expression());
            }
            while (TakeIf(","));
            Expect(")", "',' and another argument, or ')'");
        }

        return arguments;
    }

    private ListExpr List()
    {
        var mark = Take().Offset;
        var items = new List<ListItem>();
        while (!Current.Is("]"))
        {
            var optional = TakeIf("?");
            items.Add(new ListItem(Expression(), optional));
            if (!TakeIf(","))
            {
                break;
            }
        }

        Expect("]", "',' and another element, or ']'");
        return new ListExpr(mark, items);
    }

    private MapExpr Map()
    {
        var mark = Take().Offset;
        var entries = new List<MapEntry>();
        while (!Current.Is("}"))
        {
            var optional = TakeIf("?");
            var key = Expression();
            Expect(":", "':' and the value of the entry");
            entries.Add(new MapEntry(key, Expression(), optional));
            if (!TakeIf(","))
            {
                break;
            }
        }

        Expect("}", "',' and another entry, or '}'");
        return new MapExpr(mark, entries);
    }

    private List<FieldInit> Fields()
    {
        Take();
        var fields = new List<FieldInit>();
        while (!Current.Is("}"))
        {
            var optional = TakeIf("?");
            var start = Current.Offset;
            var name = FieldName();
            Expect(":", "':' and the value of the field");
            fields.Add(new FieldInit(start, name, Expression(), optional));
            if (!TakeIf(","))
            {
                break;
            }
        }

        Expect("}", "',' and another field, or '}'");
        return fields;
    }

    private string FieldName()
    {
        if (Current.Kind is not (TokenKind.Identifier or TokenKind.Quoted) || Current.Text is "in" or "true" or "false" or "null" && Current.Kind == TokenKind.Identifier)
        {
            throw Unexpected("a field name");
        }

        return Take().Text;
    }

    private static (string Name, bool Rooted)? QualifiedName(Expr expr) => expr switch
    {
        IdentExpr ident => (ident.Name, ident.Rooted),
        SelectExpr { Test: false, Optional: false } select when QualifiedName(select.Operand) is var (prefix, rooted) => ($"{prefix}.{select.Field}", rooted),
        _ => null,
    };

    private static LiteralExpr Number(Token token, bool negative)
    {
        var text = (negative ? "-" : "") + token.Text;
        switch (token.Kind)
        {
            case TokenKind.Double when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real):
                return new LiteralExpr(token.Offset, CelValue.Of(real));
            case TokenKind.Int when Magnitude(token.Text) is { } magnitude && magnitude <= (ulong)long.MaxValue + (negative ? 1u : 0u):
                return new LiteralExpr(token.Offset, CelValue.Of(unchecked(negative ? -(long)magnitude : (long)magnitude)));
            case TokenKind.Uint when Magnitude(token.Text) is { } value:
                return new LiteralExpr(token.Offset, CelValue.Of(value));
            default:
                throw new CelSyntaxException(token.Offset, $"the number {text} does not fit 64 bits");
        }
    }

    private static ulong? Magnitude(string digits) =>
        digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private T Finish<T>(T expr, int from)
        where T : Expr
    {
        if (expr.Depth > limits.TreeDepth)
        {
            throw TooDeep(expr.Start);
        }

        return expr with { Span = (from, PreviousEnd()) };
    }

    private int PreviousEnd()
    {
        var end = Current.Offset;
        while (end > 0 && char.IsWhiteSpace(source.Text[end - 1]))
        {
            end--;
        }

        return end;
    }

    private Token Take() => tokens[at++];

    private bool TakeIf(string op)
    {
        if (!Current.Is(op))
        {
            return false;
        }

        at++;
        return true;
    }

    private void Expect(string op, string wanted)
    {
        if (!TakeIf(op))
        {
            throw Unexpected(wanted);
        }
    }

    private CelSyntaxException Unexpected(string wanted) => new(Current.Offset, $"expected {wanted}, found {Current.Described}");

    private CelSyntaxException TooDeep(int offset) =>
        new(offset, $"the expression is nested deeper than the limit {nameof(CelLimits.NestingDepth)} of {limits.NestingDepth}");
}
