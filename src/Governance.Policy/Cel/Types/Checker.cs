namespace Governance.Policy.Cel;

/// <summary>Gradual type checking: every name, field and call is checked as far as the types are known. Collects all issues. One use.</summary>
internal sealed class Checker(CelEnvironment environment, CelSource source)
{
    private readonly Names names = new(environment);
    private readonly TypeUnifier unifier = new();
    private readonly List<(string Name, CelType Type)> locals = [];
    private readonly List<CelIssue> issues = [];

    public IReadOnlyList<CelIssue> Issues => issues;

    public CelType Check(Expr expr, CelType? expected)
    {
        var type = unifier.Substitute(TypeOf(expr), toDyn: true);
        if (expected is not null && issues.Count == 0 && !unifier.Assignable(type, expected))
        {
            Report(expr.Span.From, $"expected a result of type {expected}, found {type}");
        }

        return type;
    }

    private CelType TypeOf(Expr expr) => expr switch
    {
        LiteralExpr literal => CelType.Of(literal.Value),
        IdentExpr ident => Ident(ident),
        SelectExpr select => Select(select),
        LogicExpr logic => Logic(logic),
        CallExpr call => Call(call),
        ListExpr list => List(list),
        MapExpr map => Map(map),
        MessageExpr message => Message(message),
        LoopExpr loop => Loop(loop),
        BindExpr bind => WithLocal(bind.Name, TypeOf(bind.Value), () => TypeOf(bind.Body)),
        OptionalMapExpr optional => OptionalMap(optional),
        _ => CelType.Dyn,
    };

    private bool IsLocal(string name) => locals.Exists(l => l.Name == name);

    private CelType Ident(IdentExpr ident)
    {
        if (!ident.Rooted && locals.FindLastIndex(l => l.Name == ident.Name) is >= 0 and var at)
        {
            return locals[at].Type;
        }

        if (names.Resolve(ident, IsLocal) is { } binding)
        {
            return binding.Type;
        }

        var candidates = environment.Variables.Keys.Concat(locals.Select(l => l.Name)).Concat(Names.ConstantNames);
        return Report(ident.Start, $"undeclared reference to '{ident.Name}'{NearestName.Suggest(ident.Name, candidates)}");
    }

    private CelType Select(SelectExpr select)
    {
        if (!select.Test && !select.Optional && names.Resolve(select, IsLocal) is { } binding)
        {
            return binding.Type;
        }

        var operand = Known(TypeOf(select.Operand));
        var optional = select.Optional || operand.IsOptional;
        var field = Field(operand.IsOptional ? Known(operand.Parameters[0]) : operand, select.Field, select);
        return select.Test ? CelType.Bool : optional ? CelType.OptionalOf(field) : field;
    }

    private CelType Field(CelType operand, string field, SelectExpr at)
    {
        switch (operand.Kind)
        {
            case CelTypeKind.Map:
                return operand.Parameters[1];
            case CelTypeKind.Record:
                return RecordField(operand, field, at.Start + 1);
            case CelTypeKind.Parameter:
                unifier.Assignable(operand, CelType.Dyn);
                return CelType.Dyn;
            case CelTypeKind.Dyn:
                return CelType.Dyn;
            default:
                return Report(at.Start, $"type '{operand}' does not support field selection");
        }
    }

    private CelType RecordField(CelType record, string field, int offset) =>
        record.Fields.TryGetValue(field, out var declared) ? declared
        : record.OtherFields is { } other && record.Fields.Count == 0 ? other
        : Report(offset, $"{record.Name} has no '{field}'{NearestName.Suggest(field, record.Fields.Keys)}");

    private CelType Logic(LogicExpr logic)
    {
        foreach (var term in logic.Terms)
        {
            var type = TypeOf(term);
            if (!unifier.Assignable(type, CelType.Bool))
            {
                Report(term.Span.From, $"no matching overload for '{(logic.IsAnd ? "&&" : "||")}': expected bool, found {Shown(type)}");
            }
        }

        return CelType.Bool;
    }

    private CelType Call(CallExpr call)
    {
        var (name, isMember) = names.Function(call, IsLocal);
        var arguments = call.Arguments.Select(TypeOf).ToList();
        if (isMember)
        {
            arguments.Insert(0, TypeOf(call.Target!));
        }

        if (Names.IsExtreme(name))
        {
            return Extreme(call, name, arguments);
        }

        if (name is "_[_]" or "_[?_]" && Known(arguments[0]) is { Kind: CelTypeKind.Record } record)
        {
            var member = RecordIndex(call, record, arguments[1]);
            return name == "_[?_]" ? CelType.OptionalOf(member) : member;
        }

        if (!environment.Functions.Contains(name))
        {
            return Report(call.Start, $"undeclared function '{name}'{NearestName.Suggest(name, environment.Functions.Names)}");
        }

        return Overload(call, name, isMember, arguments);
    }

    private CelType RecordIndex(CallExpr call, CelType record, CelType index)
    {
        if (call.Arguments[1] is LiteralExpr { Value.Kind: CelKind.String } literal)
        {
            return RecordField(record, literal.Value.AsString, literal.Start);
        }

        return unifier.Assignable(index, CelType.String)
            ? record.OtherFields ?? CelType.Dyn
            : Report(call.Start, $"{record.Name} is indexed by string, found {Shown(index)}");
    }

    private CelType Overload(CallExpr call, string name, bool isMember, List<CelType> arguments)
    {
        CelType? result = null;
        foreach (var overload in environment.Functions.Find(name))
        {
            if (!overload.Fits(isMember, arguments.Count))
            {
                continue;
            }

            var fresh = new Dictionary<string, CelType>(StringComparer.Ordinal);
            var parameters = overload.Parameters.Select(p => Instantiate(p, fresh)).ToList();
            if (unifier.Assignable(arguments, parameters))
            {
                var candidate = unifier.Substitute(Instantiate(overload.Result, fresh), toDyn: false);
                result = result is null || TypeUnifier.Same(result, candidate) ? candidate : CelType.Dyn;
            }
        }

        return result ?? Report(call.Start, NoOverload(name, isMember, arguments));
    }

    private string NoOverload(string name, bool isMember, List<CelType> arguments)
    {
        var shown = arguments.Select(Shown).ToList();
        var applied = isMember ? $"{shown[0]}.({string.Join(", ", shown.Skip(1))})" : $"({string.Join(", ", shown)})";
        var mixed = arguments.Count == 2 && shown[0] != shown[1] && shown.TrueForAll(s => s is "int" or "uint" or "double")
            ? "; convert one side: double(x), int(x)"
            : "";
        return $"no matching overload for '{Operators.Spell(name)}' applied to {applied}{mixed}";
    }

    private CelType Extreme(CallExpr call, string name, List<CelType> arguments)
    {
        if (arguments is [var only] && Known(only) is { Kind: CelTypeKind.List } list)
        {
            if (call.Arguments[0] is ListExpr { Items.Count: 0 })
            {
                return Report(call.Start, $"{name}() needs at least one number");
            }

            arguments = [list.Parameters[0]];
        }

        if (arguments.Count == 0)
        {
            return Report(call.Start, $"{name}() needs at least one number");
        }

        CelType? result = null;
        foreach (var argument in arguments.Select(Known))
        {
            if (argument.Kind is not (CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.Double or CelTypeKind.Dyn or CelTypeKind.Parameter))
            {
                return Report(call.Start, $"{name}() takes numbers, found {Shown(argument)}");
            }

            result = result is null || TypeUnifier.Same(result, argument) ? argument : CelType.Dyn;
        }

        return result!;
    }

    private CelType List(ListExpr list)
    {
        CelType? element = null;
        foreach (var item in list.Items)
        {
            element = unifier.Join(element, Item(TypeOf(item.Value), item.Optional, item.Value));
        }

        return CelType.ListOf(element ?? unifier.Fresh());
    }

    private CelType Map(MapExpr map)
    {
        CelType? key = null;
        CelType? value = null;
        foreach (var entry in map.Entries)
        {
            var keyType = TypeOf(entry.Key);
            if (Known(keyType).Kind is CelTypeKind.Double or CelTypeKind.Null or CelTypeKind.Bytes or CelTypeKind.List or CelTypeKind.Map)
            {
                Report(entry.Key.Span.From, $"unsupported key type {Shown(keyType)}: keys are bool, int, uint or string");
            }

            key = unifier.Join(key, keyType);
            value = unifier.Join(value, Item(TypeOf(entry.Value), entry.Optional, entry.Value));
        }

        return CelType.MapOf(key ?? unifier.Fresh(), value ?? unifier.Fresh());
    }

    private CelType Item(CelType type, bool optional, Expr at)
    {
        if (!optional)
        {
            return type;
        }

        var known = Known(type);
        return known.IsOptional ? known.Parameters[0]
            : known.Kind is CelTypeKind.Dyn or CelTypeKind.Parameter ? CelType.Dyn
            : Report(at.Span.From, $"an element marked '?' must be optional, found {Shown(known)}");
    }

    private CelType Message(MessageExpr message)
    {
        if (names.Message(message) is not { } name)
        {
            return Report(message.Start, $"undeclared message type '{message.TypeName}'{NearestName.Suggest(message.TypeName, WellKnown.Names)}");
        }

        var (result, fields) = WellKnown.Describe(name);
        foreach (var init in message.Fields)
        {
            var type = Item(TypeOf(init.Value), init.Optional, init.Value);
            if (!fields.TryGetValue(init.Name, out var declared))
            {
                Report(init.Start, $"{name} has no '{init.Name}'{NearestName.Suggest(init.Name, fields.Keys)}");
            }
            else if (!unifier.Assignable(type, declared))
            {
                Report(init.Start, $"field '{init.Name}' is {declared}, found {Shown(type)}");
            }
        }

        return result;
    }

    private CelType Loop(LoopExpr loop)
    {
        var range = Known(TypeOf(loop.Range));
        CelType key;
        CelType value;
        switch (range.Kind)
        {
            case CelTypeKind.List:
                (key, value) = (CelType.Int, range.Parameters[0]);
                break;
            case CelTypeKind.Map:
                (key, value) = (range.Parameters[0], range.Parameters[1]);
                break;
            case CelTypeKind.Record:
                (key, value) = (CelType.String, range.OtherFields ?? CelType.Dyn);
                break;
            case CelTypeKind.Dyn or CelTypeKind.Parameter:
                unifier.Assignable(range, CelType.Dyn);
                (key, value) = (CelType.Dyn, CelType.Dyn);
                break;
            default:
                Report(loop.Start, $"expected a list or a map to go through, found {Shown(range)}");
                (key, value) = (CelType.Dyn, CelType.Dyn);
                break;
        }

        var first = loop.Second is null && range.Kind == CelTypeKind.List ? value : key;
        return WithLocal(loop.First, first, () => loop.Second is null ? LoopBody(loop, first) : WithLocal(loop.Second, value, () => LoopBody(loop, key)));
    }

    private CelType LoopBody(LoopExpr loop, CelType element)
    {
        if (loop.Filter is not null)
        {
            Predicate(loop.Filter);
        }

        if (loop.Kind is LoopKind.All or LoopKind.Exists or LoopKind.ExistsOne)
        {
            Predicate(loop.Body);
            return CelType.Bool;
        }

        if (loop.Kind == LoopKind.Filter)
        {
            return CelType.ListOf(element);
        }

        var body = TypeOf(loop.Body);
        return loop.Kind switch
        {
            LoopKind.Map => CelType.ListOf(body),
            LoopKind.TransformMap => CelType.MapOf(element, body),
            _ => unifier.Assignable(body, CelType.MapOf(CelType.Dyn, CelType.Dyn)) ? body : Report(loop.Body.Span.From, $"expected a map, found {Shown(body)}"),
        };
    }

    private void Predicate(Expr expr)
    {
        var type = TypeOf(expr);
        if (!unifier.Assignable(type, CelType.Bool))
        {
            Report(expr.Span.From, $"expected a condition (bool), found {Shown(type)}");
        }
    }

    private CelType OptionalMap(OptionalMapExpr optional)
    {
        var operand = Known(TypeOf(optional.Operand));
        if (!operand.IsOptional && operand.Kind is not (CelTypeKind.Dyn or CelTypeKind.Parameter))
        {
            return Report(optional.Start, $"expected an optional, found {Shown(operand)}");
        }

        var body = WithLocal(optional.Name, operand.IsOptional ? operand.Parameters[0] : CelType.Dyn, () => TypeOf(optional.Body));
        var known = Known(body);
        return !optional.Flat ? CelType.OptionalOf(body)
            : known.IsOptional || known.Kind is CelTypeKind.Dyn or CelTypeKind.Parameter ? known
            : Report(optional.Body.Span.From, $"expected an optional, found {Shown(known)}");
    }

    private CelType WithLocal(string name, CelType type, Func<CelType> body)
    {
        locals.Add((name, type));
        var result = body();
        locals.RemoveAt(locals.Count - 1);
        return result;
    }

    private CelType Instantiate(CelType type, Dictionary<string, CelType> fresh)
    {
        if (type.Kind == CelTypeKind.Parameter)
        {
            return fresh.TryGetValue(type.Name, out var found) ? found : fresh[type.Name] = unifier.Fresh();
        }

        return type.Parameters.Count == 0 ? type : type.With([.. type.Parameters.Select(p => Instantiate(p, fresh))]);
    }

    private CelType Known(CelType type) => unifier.Substitute(type, toDyn: false);

    private string Shown(CelType type) => unifier.Substitute(type, toDyn: true).ToString();

    private CelType Report(int offset, string message)
    {
        if (issues.Count < CelIssues.Limit)
        {
            issues.Add(CelIssue.At(source, offset, message));
        }

        return CelType.Dyn;
    }
}
