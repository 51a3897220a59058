namespace Governance.Policy.Cel;

/// <summary>What a name stands for.</summary>
internal abstract record Binding(CelType Type);

/// <param name="Slot">Place in <see cref="CelActivation"/>.</param>
internal sealed record VariableBinding(int Slot, CelType Type) : Binding(Type);

/// <summary>A type's name, or a constant.</summary>
internal sealed record ConstantBinding(CelValue Value, CelType Type) : Binding(Type);

/// <summary>
/// Name resolution: the longest qualified name first, in the container from the inside out; local variables of macros hide everything
/// except names with a leading dot. The checker and the planner both ask here, so they always agree.
/// </summary>
internal sealed class Names(CelEnvironment environment)
{
    private static readonly Dictionary<string, ConstantBinding> Constants = CreateConstants();

    /// <summary>The qualified name an expression spells (<c>a.b.c</c>), with its root; null when it is something else.</summary>
    public static (string Name, string Root, bool Rooted)? Qualified(Expr expr) => expr switch
    {
        IdentExpr ident => (ident.Name, ident.Name, ident.Rooted),
        SelectExpr { Test: false, Optional: false } select when Qualified(select.Operand) is var (name, root, rooted) => ($"{name}.{select.Field}", root, rooted),
        _ => null,
    };

    /// <summary>The variable, type or constant a whole expression names; null when it names none.</summary>
    public Binding? Resolve(Expr expr, Func<string, bool> isLocal)
    {
        if (Qualified(expr) is not var (name, root, rooted) || (!rooted && isLocal(root)))
        {
            return null;
        }

        foreach (var candidate in Candidates(name, rooted))
        {
            if (environment.Variables.TryGetValue(candidate, out var variable) && !IsLiteral(candidate))
            {
                return variable;
            }

            if (Constants.TryGetValue(candidate, out var constant))
            {
                return constant;
            }
        }

        return null;
    }

    /// <summary>The function a call means, and whether its target is an argument or only part of the function's name.</summary>
    public (string Name, bool IsMember) Function(CallExpr call, Func<string, bool> isLocal)
    {
        if (call.Target is not null && Qualified(call.Target) is var (prefix, root, rooted) && (rooted || !isLocal(root)))
        {
            foreach (var candidate in Candidates($"{prefix}.{call.Function}", rooted))
            {
                if (environment.Functions.Contains(candidate) || IsExtreme(candidate))
                {
                    return (candidate, false);
                }
            }
        }

        if (call.Target is not null)
        {
            return (call.Function, true);
        }

        var absolute = call.Function.StartsWith('.');
        var name = absolute ? call.Function[1..] : call.Function;
        return (Candidates(name, absolute).FirstOrDefault(environment.Functions.Contains) ?? name, false);
    }

    /// <summary>The message type a name means among the well-known ones; null for any other.</summary>
    public string? Message(MessageExpr message) => Candidates(message.TypeName, message.Rooted).FirstOrDefault(WellKnown.IsMessage);

    public static bool IsExtreme(string function) => function is "math.greatest" or "math.least";

    public static IEnumerable<string> ConstantNames => Constants.Keys;

    private static bool IsLiteral(string name) => name is "true" or "false" or "null";

    private IEnumerable<string> Candidates(string name, bool rooted)
    {
        for (var container = rooted ? "" : environment.Container; container.Length > 0;)
        {
            yield return $"{container}.{name}";
            var dot = container.LastIndexOf('.');
            container = dot < 0 ? "" : container[..dot];
        }

        yield return name;
    }

    private static Dictionary<string, ConstantBinding> CreateConstants()
    {
        CelType[] types =
        [
            CelType.Bool, CelType.Int, CelType.Uint, CelType.Double, CelType.String, CelType.Bytes, CelType.Null, CelType.Timestamp, CelType.Duration,
            CelType.RuntimeList, CelType.RuntimeMap, CelType.RuntimeType, CelType.RuntimeOptional, IpValue.CelType, CidrValue.CelType,
        ];
        var constants = types.ToDictionary(t => t.Name, t => new ConstantBinding(CelValue.Of(t), CelType.TypeOf(t)), StringComparer.Ordinal);
        constants.Add("google.protobuf.NullValue.NULL_VALUE", new ConstantBinding(CelValue.Of(0L), CelType.Int));
        return constants;
    }
}
