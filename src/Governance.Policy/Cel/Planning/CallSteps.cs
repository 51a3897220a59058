namespace Governance.Policy.Cel;

internal sealed class UnaryCallStep(string function, CelOverload[] overloads, Step argument) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var value = argument.Run(activation);
        if (value.IsError)
        {
            return value;
        }

        foreach (var overload in overloads)
        {
            if (overload.Parameters[0].Admits(value))
            {
                activation.Charge(CelSize.Of(value));
                return overload.Implementation is CelUnaryFunction unary ? unary(value) : ((CelNaryFunction)overload.Implementation!)([value], activation);
            }
        }

        return Operators.NoOverload(function, value);
    }
}

internal sealed class BinaryCallStep(string function, CelOverload[] overloads, Step first, Step second) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var a = first.Run(activation);
        if (a.IsError)
        {
            return a;
        }

        var b = second.Run(activation);
        if (b.IsError)
        {
            return b;
        }

        foreach (var overload in overloads)
        {
            if (overload.Parameters[0].Admits(a) && overload.Parameters[1].Admits(b))
            {
                activation.Charge((CelSize.Of(a) + CelSize.Of(b)) / 4);
                return overload.Implementation is CelBinaryFunction binary ? binary(a, b) : ((CelNaryFunction)overload.Implementation!)([a, b], activation);
            }
        }

        return Operators.NoOverload(function, a, b);
    }
}

internal sealed class NaryCallStep(string function, CelOverload[] overloads, Step[] arguments) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var values = new CelValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Run(activation);
            if (values[i].IsError)
            {
                return values[i];
            }
        }

        foreach (var overload in overloads)
        {
            if (overload.Admits(values))
            {
                return ((CelNaryFunction)overload.Implementation!)(values, activation);
            }
        }

        return Operators.NoOverload(function, values);
    }
}

/// <summary><c>math.greatest</c> and <c>math.least</c> over arguments or one list.</summary>
internal sealed class ExtremeStep(int sign, Step[] arguments) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var values = new CelValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Run(activation);
            if (values[i].IsError)
            {
                return values[i];
            }
        }

        if (values is [{ Kind: CelKind.List } list])
        {
            activation.Charge(list.AsList.Count);
            return MathFunctions.Extreme(list.AsList.Items, sign);
        }

        return MathFunctions.Extreme(values, sign);
    }
}

/// <summary>A name or function nothing was found for: an error when, and only when, it is reached.</summary>
internal sealed class ErrorStep(CelError error) : Step
{
    public override CelValue Run(CelActivation activation) => CelValue.Error(error);
}
