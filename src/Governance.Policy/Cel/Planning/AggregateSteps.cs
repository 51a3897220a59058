namespace Governance.Policy.Cel;

internal sealed class ListStep((Step Value, bool Optional)[] items) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var values = new List<CelValue>(items.Length);
        foreach (var (step, optional) in items)
        {
            var value = step.Run(activation);
            if (value.IsError)
            {
                return value;
            }

            if (!optional)
            {
                values.Add(value);
            }
            else if (value.Kind != CelKind.Optional)
            {
                return Operators.NoOverload("?", value);
            }
            else if (value.HasValue)
            {
                values.Add(value.Unwrapped);
            }
        }

        return CelValue.ListOf([.. values]);
    }
}

internal sealed class MapStep((Step Key, Step Value, bool Optional)[] entries) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var values = new List<KeyValuePair<CelValue, CelValue>>(entries.Length);
        foreach (var (keyStep, valueStep, optional) in entries)
        {
            var key = keyStep.Run(activation);
            if (key.IsError)
            {
                return key;
            }

            var value = valueStep.Run(activation);
            if (value.IsError)
            {
                return value;
            }

            if (!optional)
            {
                values.Add(KeyValuePair.Create(key, value));
            }
            else if (value.Kind != CelKind.Optional)
            {
                return Operators.NoOverload("?", value);
            }
            else if (value.HasValue)
            {
                values.Add(KeyValuePair.Create(key, value.Unwrapped));
            }
        }

        return CelMap.Create(values);
    }
}

internal sealed class MessageStep(string name, (string Field, Step Value, bool Optional)[] fields) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var values = new Dictionary<string, CelValue>(StringComparer.Ordinal);
        foreach (var (field, step, optional) in fields)
        {
            var value = step.Run(activation);
            if (value.IsError)
            {
                return value;
            }

            if (optional && value.Kind == CelKind.Optional && !value.HasValue)
            {
                continue;
            }

            values[field] = optional && value.Kind == CelKind.Optional ? value.Unwrapped : value;
        }

        return WellKnown.Create(name, values);
    }
}

internal sealed class OptionalMapStep(Step operand, int slot, Step body, bool flat) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var value = operand.Run(activation);
        if (value.Kind != CelKind.Optional)
        {
            return value.IsError ? value : Operators.NoOverload(flat ? "optFlatMap" : "optMap", value);
        }

        if (!value.HasValue)
        {
            return value;
        }

        activation.Local(slot) = value.Unwrapped;
        var result = body.Run(activation);
        return result.IsError || flat ? result : CelValue.OptionalOf(result);
    }
}
