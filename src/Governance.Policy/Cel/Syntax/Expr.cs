namespace Governance.Policy.Cel;

/// <summary>A node of the syntax tree after macro expansion. Immutable.</summary>
/// <param name="Start">UTF-16 offset errors point at.</param>
internal abstract record Expr(int Start)
{
    /// <summary>UTF-16 range of the whole node in the source.</summary>
    public (int From, int To) Span { get; init; }

    /// <summary>Levels of nodes below, this one included.</summary>
    public abstract int Depth { get; }

    protected static int Below(params ReadOnlySpan<Expr?> children)
    {
        var depth = 0;
        foreach (var child in children)
        {
            depth = Math.Max(depth, child?.Depth ?? 0);
        }

        return depth + 1;
    }
}

internal sealed record LiteralExpr(int Start, CelValue Value) : Expr(Start)
{
    public override int Depth => 1;
}

/// <param name="Rooted">Written with a leading dot: only the outermost name is meant.</param>
internal sealed record IdentExpr(int Start, string Name, bool Rooted = false) : Expr(Start)
{
    public override int Depth => 1;
}

/// <param name="Test">Inside <c>has()</c>: asks whether the member is there.</param>
/// <param name="Optional">Written <c>?.</c>: gives an optional.</param>
internal sealed record SelectExpr(int Start, Expr Operand, string Field, bool Test = false, bool Optional = false) : Expr(Start)
{
    public override int Depth { get; } = Below(Operand);
}

internal sealed record CallExpr(int Start, string Function, Expr? Target, IReadOnlyList<Expr> Arguments) : Expr(Start)
{
    public override int Depth { get; } = Math.Max(Below(Target), Below([.. Arguments]));
}

/// <summary>A chain of <c>&amp;&amp;</c> or of <c>||</c>, flattened.</summary>
internal sealed record LogicExpr(int Start, bool IsAnd, IReadOnlyList<Expr> Terms) : Expr(Start)
{
    public override int Depth { get; } = Below([.. Terms]);
}

internal sealed record ListItem(Expr Value, bool Optional);

internal sealed record ListExpr(int Start, IReadOnlyList<ListItem> Items) : Expr(Start)
{
    public override int Depth { get; } = Below([.. Items.Select(i => i.Value)]);
}

internal sealed record MapEntry(Expr Key, Expr Value, bool Optional);

internal sealed record MapExpr(int Start, IReadOnlyList<MapEntry> Entries) : Expr(Start)
{
    public override int Depth { get; } = Math.Max(Below([.. Entries.Select(i => i.Key)]), Below([.. Entries.Select(i => i.Value)]));
}

internal sealed record FieldInit(int Start, string Name, Expr Value, bool Optional);

/// <summary>Construction of a named message: <c>google.protobuf.Int64Value{value: 1}</c>.</summary>
internal sealed record MessageExpr(int Start, string TypeName, bool Rooted, IReadOnlyList<FieldInit> Fields) : Expr(Start)
{
    public override int Depth { get; } = Below([.. Fields.Select(i => i.Value)]);
}

internal enum LoopKind
{
    All,
    Exists,
    ExistsOne,

    /// <summary>List of the bodies of the elements the filter takes.</summary>
    Map,

    /// <summary>List of the elements the filter takes.</summary>
    Filter,

    /// <summary>Map with the same keys and the bodies as values.</summary>
    TransformMap,

    /// <summary>Map put together from the maps the bodies give.</summary>
    TransformMapEntry,
}

/// <summary>A comprehension macro.</summary>
/// <param name="Second">Second variable of the two-variable forms; then the first is the index or key.</param>
/// <param name="Filter">Condition on the elements; null takes all.</param>
/// <param name="Body">Predicate or result of one element.</param>
internal sealed record LoopExpr(int Start, LoopKind Kind, Expr Range, string First, string? Second, Expr? Filter, Expr Body) : Expr(Start)
{
    public override int Depth { get; } = Below(Range, Filter, Body);
}

/// <summary><c>cel.bind(name, value, body)</c>: the value is computed once, when first needed.</summary>
internal sealed record BindExpr(int Start, string Name, Expr Value, Expr Body) : Expr(Start)
{
    public override int Depth { get; } = Below(Value, Body);
}

/// <summary><c>optMap</c> and <c>optFlatMap</c>.</summary>
/// <param name="Flat">The body gives an optional itself.</param>
internal sealed record OptionalMapExpr(int Start, Expr Operand, string Name, Expr Body, bool Flat) : Expr(Start)
{
    public override int Depth { get; } = Below(Operand, Body);
}
