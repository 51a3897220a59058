namespace Governance.Policy.Cel;

/// <summary><c>&amp;&amp;</c> or <c>||</c>: the deciding value wins over errors on either side.</summary>
internal sealed class LogicStep(bool isAnd, Step[] terms) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var error = default(CelValue);
        foreach (var term in terms)
        {
            var value = term.Run(activation);
            if (value.Kind != CelKind.Bool)
            {
                error = error.Kind != CelKind.Absent ? error : value.IsError ? value : Operators.NoOverload(isAnd ? "&&" : "||", value);
            }
            else if (value.AsBool != isAnd)
            {
                return value;
            }
        }

        return error.Kind != CelKind.Absent ? error : CelValue.Of(isAnd);
    }
}

internal sealed class NotStep(Step operand) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var value = operand.Run(activation);
        return value.Kind == CelKind.Bool ? CelValue.Of(!value.AsBool) : value.IsError ? value : Operators.NoOverload("!_", value);
    }
}

internal sealed class NegateStep(Step operand) : Step
{
    public override CelValue Run(CelActivation activation) => Operators.Negate(operand.Run(activation));
}

internal sealed class ConditionalStep(Step condition, Step yes, Step no) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var value = condition.Run(activation);
        return value.Kind == CelKind.Bool ? (value.AsBool ? yes : no).Run(activation)
            : value.IsError ? value
            : Operators.NoOverload("_?_:_", value);
    }
}

internal sealed class EqualStep(Step left, Step right, bool negated) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var l = left.Run(activation);
        if (l.IsError)
        {
            return l;
        }

        var r = right.Run(activation);
        if (r.IsError)
        {
            return r;
        }

        if (l.Kind >= CelKind.String)
        {
            activation.Charge(CelSize.Of(l));
        }

        return CelValue.Of(CelEquality.AreEqual(l, r) != negated);
    }
}

internal enum Order
{
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

internal sealed class CompareStep(string function, Order order, Step left, Step right) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var l = left.Run(activation);
        if (l.IsError)
        {
            return l;
        }

        var r = right.Run(activation);
        if (r.IsError)
        {
            return r;
        }

        if (l.Kind == CelKind.Double && r.Kind == CelKind.Double)
        {
            return CelValue.Of(order switch
            {
                Order.Less => l.AsDouble < r.AsDouble,
                Order.LessOrEqual => l.AsDouble <= r.AsDouble,
                Order.Greater => l.AsDouble > r.AsDouble,
                _ => l.AsDouble >= r.AsDouble,
            });
        }

        if (!CelEquality.Comparable(l, r))
        {
            return Operators.NoOverload(function, l, r);
        }

        return CelValue.Of(CelEquality.Compare(l, r) is { } sign && order switch
        {
            Order.Less => sign < 0,
            Order.LessOrEqual => sign <= 0,
            Order.Greater => sign > 0,
            _ => sign >= 0,
        });
    }
}

internal delegate CelValue Arithmetic(in CelValue left, in CelValue right, ICelBudget budget);

internal sealed class ArithmeticStep(Arithmetic operation, Step left, Step right) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var l = left.Run(activation);
        if (l.IsError)
        {
            return l;
        }

        var r = right.Run(activation);
        return r.IsError ? r : operation(l, r, activation);
    }
}

internal sealed class InStep(Step left, Step right) : Step
{
    public override CelValue Run(CelActivation activation)
    {
        var element = left.Run(activation);
        if (element.IsError)
        {
            return element;
        }

        var container = right.Run(activation);
        switch (container.Kind)
        {
            case CelKind.List:
                activation.Charge(container.AsList.Size);
                return CelValue.Of(container.AsList.Contains(element));
            case CelKind.Map:
                return CelValue.Of(container.AsMap.TryGet(element, out _));
            case CelKind.Error:
                return container;
            default:
                return Operators.NoOverload("@in", element, container);
        }
    }
}
