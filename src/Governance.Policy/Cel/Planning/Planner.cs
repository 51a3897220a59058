namespace Governance.Policy.Cel;

/// <summary>
/// Turns a syntax tree into steps: names become slots, calls get their candidate overloads, constant regular expressions are compiled.
/// What cannot be resolved becomes a step that gives an error when reached, so an unchecked program still absorbs it. One use.
/// </summary>
internal sealed class Planner
{
    private readonly CelEnvironment environment;
    private readonly CelSource source;
    private readonly bool observe;
    private readonly Names names;
    private readonly List<(string Name, Func<Step> Read)> locals = [];
    private readonly List<string> variables = [];
    private int slots;
    private long cost;
    private double worst;

    private Planner(CelEnvironment environment, CelSource source, bool observe)
    {
        this.environment = environment;
        this.source = source;
        this.observe = observe;
        names = new Names(environment);
    }

    public static CelProgram Plan(CelEnvironment environment, CelSource source, Expr expr, CelType type, bool observe)
    {
        var planner = new Planner(environment, source, observe);
        var root = planner.Plan(expr);
        return new CelProgram(environment, source, type, root, planner.slots, planner.cost, planner.worst, planner.variables);
    }

    private bool IsLocal(string name) => locals.Exists(l => l.Name == name);

    private Step Plan(Expr expr)
    {
        var step = PlanNode(expr, insidePath: false);
        return observe && IsPath(expr) ? new ObserveStep(source.Text[expr.Span.From..expr.Span.To].Trim(), step) : step;
    }

    /// <summary>A part of the input: a variable, or a member of one by constant name or index.</summary>
    private bool IsPath(Expr expr) => expr switch
    {
        IdentExpr => names.Resolve(expr, IsLocal) is VariableBinding,
        SelectExpr { Test: false } select => names.Resolve(expr, IsLocal) is VariableBinding || IsPath(select.Operand),
        CallExpr { Function: "_[_]" or "_[?_]", Arguments: [var operand, LiteralExpr] } => IsPath(operand),
        _ => false,
    };

    private Step Path(Expr operand) => IsPath(operand) ? PlanNode(operand, insidePath: true) : Plan(operand);

    private Step PlanNode(Expr expr, bool insidePath)
    {
        Count(1);
        return expr switch
        {
            LiteralExpr literal => new ConstantStep(literal.Value),
            IdentExpr ident => Name(ident) ?? Undeclared(ident.Start, ident.Name),
            SelectExpr { Test: true } select => new HasStep(Path(select.Operand), select.Field),
            SelectExpr select => (select.Optional ? null : Name(select)) ?? new SelectStep(Path(select.Operand), select.Field, select.Optional),
            LogicExpr logic => new LogicStep(logic.IsAnd, [.. logic.Terms.Select(Plan)]),
            CallExpr call => Call(call),
            ListExpr list => List(list),
            MapExpr map => Map(map),
            MessageExpr message => Message(message),
            LoopExpr loop => Loop(loop),
            BindExpr bind => Bind(bind),
            OptionalMapExpr optional => OptionalMap(optional),
            _ => throw new InvalidOperationException("An unknown node in the tree."),
        };
    }

    private Step? Name(Expr expr)
    {
        if (expr is IdentExpr { Rooted: false } ident && locals.FindLastIndex(l => l.Name == ident.Name) is >= 0 and var at)
        {
            return locals[at].Read();
        }

        switch (names.Resolve(expr, IsLocal))
        {
            case ConstantBinding constant:
                return new ConstantStep(constant.Value);
            case VariableBinding variable:
                var name = environment.Variables.First(v => v.Value.Slot == variable.Slot).Key;
                if (!variables.Contains(name))
                {
                    variables.Add(name);
                }

                return new GlobalStep(variable.Slot, name);
            default:
                return null;
        }
    }

    private Step Call(CallExpr call)
    {
        var (name, isMember) = names.Function(call, IsLocal);
        if (!isMember)
        {
            switch (name, call.Arguments)
            {
                case ("!_", [var operand]):
                    return new NotStep(Plan(operand));
                case ("-_", [var operand]):
                    return new NegateStep(Plan(operand));
                case ("_?_:_", [var condition, var yes, var no]):
                    return new ConditionalStep(Plan(condition), Plan(yes), Plan(no));
                case ("_==_" or "_!=_", [var left, var right]):
                    return new EqualStep(Plan(left), Plan(right), name == "_!=_");
                case ("_<_", [var left, var right]):
                    return new CompareStep(name, Order.Less, Plan(left), Plan(right));
                case ("_<=_", [var left, var right]):
                    return new CompareStep(name, Order.LessOrEqual, Plan(left), Plan(right));
                case ("_>_", [var left, var right]):
                    return new CompareStep(name, Order.Greater, Plan(left), Plan(right));
                case ("_>=_", [var left, var right]):
                    return new CompareStep(name, Order.GreaterOrEqual, Plan(left), Plan(right));
                case ("@in", [var left, var right]):
                    return new InStep(Plan(left), Plan(right));
                case ("_[_]" or "_[?_]", [var operand, LiteralExpr { Value.Kind: CelKind.String } key]):
                    Count(1);
                    return new NamedIndexStep(Path(operand), key.Value, name == "_[?_]");
                case ("_[_]" or "_[?_]", [var operand, var index]):
                    return new IndexStep(Path(operand), Plan(index), name == "_[?_]");
                case ("_+_" or "_-_" or "_*_" or "_/_" or "_%_", [var left, var right]):
                    return new ArithmeticStep(ArithmeticOf(name), Plan(left), Plan(right));
                case ("math.greatest" or "math.least", _):
                    return new ExtremeStep(name == "math.greatest" ? 1 : -1, [.. call.Arguments.Select(Plan)]);
            }
        }

        var arguments = call.Arguments.Select(Plan).ToList();
        if (isMember)
        {
            arguments.Insert(0, Plan(call.Target!));
        }

        var overloads = environment.Functions.Find(name).Where(o => o.Fits(isMember, arguments.Count) && o.Implementation is not null).ToArray();
        return (overloads.Length, arguments) switch
        {
            (0, _) => new ErrorStep(new CelError(CelErrorCode.NoSuchOverload, $"no such overload: {Operators.Spell(name)}", name) { Offset = call.Start }),
            (_, [var only]) => new UnaryCallStep(name, overloads, only),
            (_, [var first, var second]) => new BinaryCallStep(name, overloads, first, second),
            _ => new NaryCallStep(name, overloads, [.. arguments]),
        };
    }

    private static Arithmetic ArithmeticOf(string name) => name switch
    {
        "_+_" => Operators.Add,
        "_-_" => Operators.Subtract,
        "_*_" => Operators.Multiply,
        "_/_" => Operators.Divide,
        _ => Operators.Modulo,
    };

    private Step List(ListExpr list)
    {
        if (list.Items.All(i => i.Value is LiteralExpr && !i.Optional))
        {
            Count(list.Items.Count);
            return new ConstantStep(CelValue.ListOf([.. list.Items.Select(i => ((LiteralExpr)i.Value).Value)]));
        }

        return new ListStep([.. list.Items.Select(i => (Plan(i.Value), i.Optional))]);
    }

    private MapStep Map(MapExpr map) => new([.. map.Entries.Select(e => (Plan(e.Key), Plan(e.Value), e.Optional))]);

    private Step Message(MessageExpr message) => names.Message(message) is { } name
        ? new MessageStep(name, [.. message.Fields.Select(f => (f.Name, Plan(f.Value), f.Optional))])
        : Undeclared(message.Start, message.TypeName);

    private Step Loop(LoopExpr loop)
    {
        var range = Plan(loop.Range);
        var (outside, worstOutside) = (cost, worst);
        worst = 0;
        var first = Declare(loop.First);
        var second = loop.Second is null ? -1 : Declare(loop.Second);
        var filter = loop.Filter is null ? null : Plan(loop.Filter);
        var body = loop.Kind == LoopKind.Filter ? null : Plan(loop.Body);
        locals.RemoveRange(locals.Count - (second < 0 ? 1 : 2), second < 0 ? 1 : 2);
        var round = 1 + cost - outside;
        cost = outside;
        worst = worstOutside + (Elements(loop.Range) * (1 + worst));
        return loop.Kind switch
        {
            LoopKind.All or LoopKind.Exists => new QuantifierStep(range, first, second, loop.Kind == LoopKind.All, body!) { RoundCost = round },
            LoopKind.ExistsOne => new ExistsOneStep(range, first, second, body!) { RoundCost = round },
            LoopKind.Map or LoopKind.Filter => new CollectStep(range, first, second, filter, body) { RoundCost = round },
            _ => new TransformMapStep(range, first, second, filter, body!, loop.Kind == LoopKind.TransformMapEntry) { RoundCost = round },
        };
    }

    private void Count(int steps)
    {
        cost += steps;
        worst += steps;
    }

    /// <summary>How many elements a range may have: as many as a literal shows, else what the limits assume.</summary>
    private int Elements(Expr range) => range switch
    {
        ListExpr list => list.Items.Count,
        MapExpr map => map.Entries.Count,
        LoopExpr loop => Elements(loop.Range),
        _ => environment.Limits.AssumedElements,
    };

    private BindStep Bind(BindExpr bind)
    {
        var value = Plan(bind.Value);
        var slot = slots++;
        locals.Add((bind.Name, () => new LazyLocalStep(slot, value)));
        var body = Plan(bind.Body);
        locals.RemoveAt(locals.Count - 1);
        return new BindStep(slot, body);
    }

    private OptionalMapStep OptionalMap(OptionalMapExpr optional)
    {
        var operand = Plan(optional.Operand);
        var slot = Declare(optional.Name);
        var body = Plan(optional.Body);
        locals.RemoveAt(locals.Count - 1);
        return new OptionalMapStep(operand, slot, body, optional.Flat);
    }

    /// <summary>A slot of its own for every variable of a program: a bound value may run in the middle of a later loop.</summary>
    private int Declare(string name)
    {
        var slot = slots++;
        locals.Add((name, () => new LocalStep(slot)));
        return slot;
    }

    private static ErrorStep Undeclared(int offset, string name) =>
        new(new CelError(CelErrorCode.UndeclaredReference, $"undeclared reference to '{name}'", name) { Offset = offset });
}
