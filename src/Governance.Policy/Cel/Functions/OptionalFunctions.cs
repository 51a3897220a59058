namespace Governance.Policy.Cel;

/// <summary>Optional values: made by <c>optional.of</c>, <c>?.</c> and <c>[?]</c>, used by <c>orValue</c> and its kin.</summary>
internal static class OptionalFunctions
{
    public static void AddTo(FunctionTable table)
    {
        var t = CelType.Parameter("T");
        var optional = CelType.OptionalOf(t);
        table.Global("optional.of", optional, t, (in CelValue v) => CelValue.OptionalOf(v));
        table.Global("optional.none", optional, [], (_, _) => CelValue.NoOptional);
        table.Global("optional.ofNonZeroValue", optional, t, (in CelValue v) => IsZero(v) ? CelValue.NoOptional : CelValue.OptionalOf(v));
        table.Member("hasValue", CelType.Bool, optional, (in CelValue v) => CelValue.Of(v.HasValue));
        table.Member("value", t, optional, (in CelValue v) =>
            v.HasValue ? v.Unwrapped : CelValue.Error(CelErrorCode.NoSuchField, "optional.none() dereference"));
        table.Member("or", optional, optional, optional, (in CelValue v, in CelValue other) => v.HasValue ? v : other);
        table.Member("orValue", t, optional, t, (in CelValue v, in CelValue other) => v.HasValue ? v.Unwrapped : other);
        table.Global("optional.unwrap", CelType.ListOf(t), CelType.ListOf(optional), Unwrap);
        table.Member("unwrapOpt", CelType.ListOf(t), CelType.ListOf(optional), Unwrap);
    }

    private static CelValue Unwrap(in CelValue list)
    {
        var values = new List<CelValue>();
        foreach (ref readonly var item in list.AsList.Items)
        {
            if (item.Kind != CelKind.Optional)
            {
                return Operators.NoOverload("optional.unwrap", list);
            }

            if (item.HasValue)
            {
                values.Add(item.Unwrapped);
            }
        }

        return CelValue.ListOf([.. values]);
    }

    private static bool IsZero(in CelValue value) => value.Kind switch
    {
        CelKind.Null => true,
        CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.Duration => value.AsInt == 0,
        CelKind.Double => value.AsDouble == 0,
        CelKind.String => value.AsString.Length == 0,
        CelKind.Bytes => value.AsBytes.Length == 0,
        CelKind.List => value.AsList.Count == 0,
        CelKind.Map => value.AsMap.Count == 0,
        CelKind.Optional => !value.HasValue,
        CelKind.Timestamp => value is { Seconds: 0, Nanos: 0 },
        _ => false,
    };
}
