namespace Governance.Policy.Cel;

/// <summary>The macros: calls that the parser replaces. A call that only looks like one is left alone (null).</summary>
internal static class Macros
{
    private const string Accumulator = "__result__";

    public static Expr? Global(int start, string name, List<Expr> arguments)
    {
        if (name != "has" || arguments.Count != 1)
        {
            return null;
        }

        return arguments[0] is SelectExpr { Test: false } select
            ? select with { Test = true }
            : throw new CelSyntaxException(arguments[0].Start, "has() takes a field selection: has(model.owner)");
    }

    public static Expr? Member(int start, Expr target, string name, List<Expr> arguments)
    {
        if (target is IdentExpr { Name: "cel", Rooted: false })
        {
            return Cel(start, name, arguments);
        }

        switch (name, arguments.Count)
        {
            case ("all", 2):
                return Loop(LoopKind.All, 1);
            case ("exists", 2):
                return Loop(LoopKind.Exists, 1);
            case ("exists_one" or "existsOne", 2):
                return Loop(LoopKind.ExistsOne, 1);
            case ("map", 2):
                return Loop(LoopKind.Map, 1);
            case ("map", 3):
                return Loop(LoopKind.Map, 1, filtered: true);
            case ("filter", 2):
                return Loop(LoopKind.Filter, 1);
            case ("all", 3):
                return Loop(LoopKind.All, 2);
            case ("exists", 3):
                return Loop(LoopKind.Exists, 2);
            case ("exists_one" or "existsOne", 3):
                return Loop(LoopKind.ExistsOne, 2);
            case ("transformList", 3 or 4):
                return Loop(LoopKind.Map, 2, filtered: arguments.Count == 4);
            case ("transformMap", 3 or 4):
                return Loop(LoopKind.TransformMap, 2, filtered: arguments.Count == 4);
            case ("transformMapEntry", 3 or 4):
                return Loop(LoopKind.TransformMapEntry, 2, filtered: arguments.Count == 4);
            case ("optMap" or "optFlatMap", 2):
                return new OptionalMapExpr(start, target, Variable(arguments[0]), arguments[1], name == "optFlatMap");
            default:
                return null;
        }

        LoopExpr Loop(LoopKind kind, int variables, bool filtered = false)
        {
            var first = Variable(arguments[0]);
            var second = variables == 2 ? Variable(arguments[1]) : null;
            if (first == second)
            {
                throw new CelSyntaxException(arguments[1].Start, $"the two variables of {name}() need different names");
            }

            var filter = kind == LoopKind.Filter ? arguments[^1] : filtered ? arguments[^2] : null;
            return new LoopExpr(start, kind, target, first, second, filter, arguments[^1]);
        }
    }

    private static Expr? Cel(int start, string name, List<Expr> arguments) => (name, arguments.Count) switch
    {
        ("bind", 3) => new BindExpr(start, Variable(arguments[0]), arguments[1], arguments[2]),
        ("block", 2) => Block(arguments),
        ("index", 1) => new IdentExpr(start, $"@index{Number(arguments[0])}"),
        ("iterVar", 2) => new IdentExpr(start, $"@it:{Number(arguments[0])}:{Number(arguments[1])}"),
        ("accuVar", 2) => new IdentExpr(start, $"@ac:{Number(arguments[0])}:{Number(arguments[1])}"),
        _ => null,
    };

    /// <summary>A block is nested bindings of <c>@index0</c>, <c>@index1</c>, ...; each may use the ones before it.</summary>
    private static Expr Block(List<Expr> arguments)
    {
        if (arguments[0] is not ListExpr { Items: var items } || items.Any(i => i.Optional))
        {
            throw new CelSyntaxException(arguments[0].Start, "cel.block() takes a list literal of sub-expressions first");
        }

        var body = arguments[1];
        for (var i = items.Count - 1; i >= 0; i--)
        {
            body = new BindExpr(items[i].Value.Start, $"@index{i}", items[i].Value, body) { Span = items[i].Value.Span };
        }

        return body;
    }

    private static string Variable(Expr expr) => expr switch
    {
        IdentExpr { Rooted: false, Name: Accumulator } => throw new CelSyntaxException(expr.Start, $"'{Accumulator}' is reserved"),
        IdentExpr { Rooted: false } ident => ident.Name,
        _ => throw new CelSyntaxException(expr.Start, "expected the name of a variable"),
    };

    private static long Number(Expr expr) => expr is LiteralExpr { Value: { Kind: CelKind.Int, AsInt: >= 0 } value }
        ? value.AsInt
        : throw new CelSyntaxException(expr.Start, "expected a number literal");
}
