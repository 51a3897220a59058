namespace Governance.Policy.Cel;

/// <summary>A compiled expression. Immutable and thread-safe; each thread evaluates with an activation of its own.</summary>
public sealed class CelProgram
{
    private readonly CelEnvironment environment;
    private readonly Step root;
    private readonly int localCount;
    private readonly long baseCost;

    internal CelProgram(CelEnvironment environment, CelSource source, CelType type, Step root, int localCount, long baseCost, double worstCost, IReadOnlyList<string> variables)
    {
        this.environment = environment;
        this.root = root;
        this.localCount = localCount;
        this.baseCost = baseCost;
        Source = source;
        ResultType = type;
        WorstCost = worstCost;
        Variables = variables;
    }

    public CelSource Source { get; }

    /// <summary>Deduced type of the result; dynamic without check.</summary>
    public CelType ResultType { get; }

    /// <summary>
    /// Bound on the steps of one evaluation when no list or map of the input has more than <see cref="CelLimits.AssumedElements"/> elements; without
    /// the work of text functions, which grows with the texts and is charged as it is done.
    /// </summary>
    public double WorstCost { get; }

    /// <summary>Names of the variables the expression reads, in order of first use.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>The value, or an error value. Deterministic but for the time limit.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ArgumentException">The activation belongs to another environment.</exception>
    public CelValue Evaluate(CelActivation activation, CancellationToken cancellationToken = default)
    {
        if (!activation.Owns(environment))
        {
            throw new ArgumentException("The activation belongs to another environment.", nameof(activation));
        }

        activation.Begin(cancellationToken);
        activation.Frame = 0;
        try
        {
            return RunNested(activation);
        }
        catch (CelLimitException e)
        {
            return CelValue.Error(CelErrorCode.LimitExceeded, e.Message);
        }
    }

    internal CelValue RunNested(CelActivation activation)
    {
        var callerFrame = activation.Frame;
        var saved = activation.Enter(callerFrame, localCount);
        activation.Frame = localCount;
        activation.Charge(baseCost);
        var value = root.Run(activation);
        activation.Frame = callerFrame;
        activation.Leave(saved);
        return value.Kind == CelKind.Absent ? CelValue.Error(CelErrorCode.UndeclaredReference, "the variable has no value") : value;
    }
}
