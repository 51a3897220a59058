namespace Governance.Policy.Cel;

/// <summary>What the comprehension steps share: going through a list or map, one charge per element.</summary>
internal abstract class LoopStep(Step range, int first, int second) : Step
{
    /// <summary>Cost of one round; set once by the planner when the body is planned.</summary>
    public long RoundCost { get; init; }

    public sealed override CelValue Run(CelActivation activation)
    {
        var value = range.Run(activation);
        return value.Kind switch
        {
            CelKind.List or CelKind.Map => Run(activation, value, value.Kind == CelKind.List ? value.AsList.Count : value.AsMap.Count),
            CelKind.Error => value,
            _ => CelValue.Error(CelErrorCode.NoSuchOverload, $"no such overload: a macro goes through a list or a map, found {CelType.Of(value).Name}"),
        };
    }

    protected abstract CelValue Run(CelActivation activation, in CelValue value, int count);

    /// <summary>Puts an element into the variables; returns what a filter keeps: the element, or the key of an entry.</summary>
    protected CelValue Next(CelActivation activation, in CelValue value, int index)
    {
        activation.Charge(RoundCost);
        if (value.Kind == CelKind.List)
        {
            ref readonly var item = ref value.AsList[index];
            if (second < 0)
            {
                activation.Local(first) = item;
            }
            else
            {
                activation.Local(first) = CelValue.Of((long)index);
                activation.Local(second) = item;
            }

            return item;
        }

        ref readonly var entry = ref value.AsMap.Entries[index];
        activation.Local(first) = entry.Key;
        if (second >= 0)
        {
            activation.Local(second) = entry.Value;
        }

        return entry.Key;
    }

    protected static CelValue NotBool(in CelValue value) => value.IsError ? value : Operators.NoOverload("&&", value);
}

/// <summary><c>all</c> and <c>exists</c>: a deciding element wins over errors of others.</summary>
internal sealed class QuantifierStep(Step range, int first, int second, bool isAll, Step body) : LoopStep(range, first, second)
{
    protected override CelValue Run(CelActivation activation, in CelValue value, int count)
    {
        var error = default(CelValue);
        for (var i = 0; i < count; i++)
        {
            Next(activation, value, i);
            var result = body.Run(activation);
            if (result.Kind != CelKind.Bool)
            {
                error = error.Kind == CelKind.Absent ? NotBool(result) : error;
            }
            else if (result.AsBool != isAll)
            {
                return result;
            }
        }

        return error.Kind != CelKind.Absent ? error : CelValue.Of(isAll);
    }
}

internal sealed class ExistsOneStep(Step range, int first, int second, Step body) : LoopStep(range, first, second)
{
    protected override CelValue Run(CelActivation activation, in CelValue value, int count)
    {
        var found = 0;
        for (var i = 0; i < count; i++)
        {
            Next(activation, value, i);
            var result = body.Run(activation);
            if (result.Kind != CelKind.Bool)
            {
                return NotBool(result);
            }

            found += result.AsBool ? 1 : 0;
        }

        return CelValue.Of(found == 1);
    }
}

/// <summary><c>map</c>, <c>filter</c> and <c>transformList</c>.</summary>
/// <param name="filter">Null takes every element.</param>
/// <param name="body">Null keeps the element itself.</param>
internal sealed class CollectStep(Step range, int first, int second, Step? filter, Step? body) : LoopStep(range, first, second)
{
    protected override CelValue Run(CelActivation activation, in CelValue value, int count)
    {
        var results = new CelValue[count];
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var item = Next(activation, value, i);
            if (filter is not null)
            {
                var wanted = filter.Run(activation);
                if (wanted.Kind != CelKind.Bool)
                {
                    return NotBool(wanted);
                }

                if (!wanted.AsBool)
                {
                    continue;
                }
            }

            var result = body is null ? item : body.Run(activation);
            if (result.IsError)
            {
                return result;
            }

            results[kept++] = result;
        }

        return CelValue.ListOf(kept == count ? results : results[..kept]);
    }
}

/// <summary><c>transformMap</c> and <c>transformMapEntry</c>.</summary>
/// <param name="merge">The bodies are maps to put together.</param>
internal sealed class TransformMapStep(Step range, int first, int second, Step? filter, Step body, bool merge) : LoopStep(range, first, second)
{
    protected override CelValue Run(CelActivation activation, in CelValue value, int count)
    {
        var entries = new List<KeyValuePair<CelValue, CelValue>>(count);
        for (var i = 0; i < count; i++)
        {
            Next(activation, value, i);
            if (filter is not null)
            {
                var wanted = filter.Run(activation);
                if (wanted.Kind != CelKind.Bool)
                {
                    return NotBool(wanted);
                }

                if (!wanted.AsBool)
                {
                    continue;
                }
            }

            var result = body.Run(activation);
            if (result.IsError)
            {
                return result;
            }

            if (!merge)
            {
                entries.Add(KeyValuePair.Create(value.Kind == CelKind.List ? CelValue.Of((long)i) : value.AsMap.Entries[i].Key, result));
            }
            else if (result.Kind == CelKind.Map)
            {
                activation.Charge(result.AsMap.Count);
                entries.AddRange(result.AsMap.Entries);
            }
            else
            {
                return Operators.NoOverload("transformMapEntry", result);
            }
        }

        return CelMap.Create(entries);
    }
}
