using System.Runtime.InteropServices;

namespace Governance.Policy.Cel;

/// <summary>One node of a plan. Immutable; all state of a run is in the activation.</summary>
internal abstract class Step
{
    public abstract CelValue Run(CelActivation activation);
}

internal sealed class ConstantStep(CelValue value) : Step
{
    public CelValue Value => value;

    public override CelValue Run(CelActivation activation) => value;
}

internal sealed class GlobalStep(int slot, string name) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var value = activation.Global(slot);
        return value.Kind == CelKind.Absent
            ? CelValue.Error(new CelError(CelErrorCode.UndeclaredReference, $"the variable '{name}' has no value", name))
            : value;
    }
}

internal sealed class LocalStep(int slot) : Step
{
    public override CelValue Run(CelActivation activation) => activation.Local(slot);
}

/// <summary>A bound variable, computed at its first use.</summary>
internal sealed class LazyLocalStep(int slot, Step value) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var current = activation.Local(slot);
        if (current.Kind == CelKind.Absent)
        {
            current = value.Run(activation);
            activation.Local(slot) = current;
        }

        return current;
    }
}

internal sealed class BindStep(int slot, Step body) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        activation.Local(slot) = default;
        return body.Run(activation);
    }
}

/// <summary>Notes the value of a part of the input the first time it is read.</summary>
internal sealed class ObserveStep(string expression, Step inner) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var value = inner.Run(activation);
        if (activation.Observations is { } observations && !Noted(observations))
        {
            observations.Add(new CelObservation(expression, value));
        }

        return value;
    }

    private bool Noted(List<CelObservation> observations)
    {
        foreach (ref readonly var observation in CollectionsMarshal.AsSpan(observations))
        {
            if (observation.Expression == expression)
            {
                return true;
            }
        }

        return false;
    }
}
