namespace Governance.Policy.Cel;

/// <summary>Reading members of maps and lists, through optionals where there are any.</summary>
internal static class Member
{
    public static CelValue Select(in CelValue operand, string field, bool optional)
    {
        switch (operand.Kind)
        {
            case CelKind.Map:
                return operand.AsMap.TryGet(field, out var value)
                    ? optional ? CelValue.OptionalOf(value) : value
                    : optional ? CelValue.NoOptional : NoSuchKey(field);
            case CelKind.Optional:
                return operand.HasValue ? Select(operand.Unwrapped, field, optional: true) : operand;
            case CelKind.Error:
                return operand;
            default:
                return CelValue.Error(new CelError(CelErrorCode.NoSuchOverload, $"type '{CelType.Of(operand).Name}' does not support field selection: no such key '{field}'", field));
        }
    }

    public static CelValue Has(in CelValue operand, string field) => operand.Kind switch
    {
        CelKind.Map => CelValue.Of(operand.AsMap.TryGet(field, out _)),
        CelKind.Optional => operand.HasValue ? Has(operand.Unwrapped, field) : CelValue.False,
        CelKind.Error => operand,
        _ => Select(operand, field, optional: false),
    };

    public static CelValue Index(in CelValue operand, in CelValue index, bool optional)
    {
        if (operand.IsError || index.IsError)
        {
            return operand.IsError ? operand : index;
        }

        switch (operand.Kind)
        {
            case CelKind.Map:
                return operand.AsMap.TryGet(index, out var value)
                    ? optional ? CelValue.OptionalOf(value) : value
                    : optional ? CelValue.NoOptional : NoSuchKey(CelMap.IsKey(index) ? CelText.Display(index) : CelType.Of(index).Name);
            case CelKind.List:
                return Element(operand.AsList, index, optional);
            case CelKind.Optional:
                return operand.HasValue ? Index(operand.Unwrapped, index, optional: true) : operand;
            default:
                return Operators.NoOverload(optional ? "_[?_]" : "_[_]", operand, index);
        }
    }

    private static CelValue Element(CelList list, in CelValue index, bool optional)
    {
        var at = index.Kind switch
        {
            CelKind.Int => index.AsInt,
            CelKind.Uint => index.AsUint > int.MaxValue ? -1 : (long)index.AsUint,
            CelKind.Double when Math.Floor(index.AsDouble) == index.AsDouble && Math.Abs(index.AsDouble) < int.MaxValue => (long)index.AsDouble,
            _ => long.MinValue,
        };
        if (at == long.MinValue && index.Kind != CelKind.Int)
        {
            return CelValue.Error(CelErrorCode.InvalidArgument, $"invalid_argument: a list index is a whole number, found {CelType.Of(index).Name}");
        }

        return at >= 0 && at < list.Count ? optional ? CelValue.OptionalOf(list[(int)at]) : list[(int)at]
            : optional ? CelValue.NoOptional
            : CelValue.Error(CelErrorCode.NoSuchField, $"invalid_argument: index {at} out of bounds of a list of {list.Count}");
    }

    private static CelValue NoSuchKey(string name) => CelValue.Error(new CelError(CelErrorCode.NoSuchField, $"no such key: '{name}'", name));
}

internal sealed class SelectStep(Step operand, string field, bool optional) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var value = operand.Run(activation);
        return Member.Select(value, field, optional);
    }
}

internal sealed class HasStep(Step operand, string field) : Step
{
    public override CelValue Run(CelActivation activation) => Member.Has(operand.Run(activation), field);
}

internal sealed class IndexStep(Step operand, Step index, bool optional) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var value = operand.Run(activation);
        return value.IsError ? value : Member.Index(value, index.Run(activation), optional);
    }
}

/// <summary>An index by a constant string: <c>evidence['fairness.adverse_impact']</c>.</summary>
internal sealed class NamedIndexStep(Step operand, CelValue name, bool optional) : Step
{
    private readonly string key = name.AsString;

    public override CelValue Run(CelActivation activation)
    {
        var value = operand.Run(activation);
        return value.Kind == CelKind.Map ? Member.Select(value, key, optional) : Member.Index(value, name, optional);
    }
}
