namespace Governance.Policy.Cel;

public delegate CelValue CelUnaryFunction(in CelValue argument);

public delegate CelValue CelBinaryFunction(in CelValue first, in CelValue second);

/// <param name="arguments">The receiver of a member call comes first.</param>
/// <param name="budget">Takes the cost of work beyond one step per argument.</param>
public delegate CelValue CelNaryFunction(CelValue[] arguments, ICelBudget budget);

/// <summary>Where a function pays for the work it is about to do.</summary>
public interface ICelBudget
{
    /// <summary>Charges cost; leaves the evaluation with <see cref="CelErrorCode.LimitExceeded"/> when none is left.</summary>
    void Charge(long cost);
}

/// <summary>One form of a function: its types and, unless it only informs the checker, its implementation. Immutable.</summary>
public sealed class CelOverload
{
    /// <param name="function">Name, qualified where it has a namespace: <c>math.abs</c>.</param>
    /// <param name="isMember">Called as <c>receiver.function(...)</c>; the receiver is the first parameter.</param>
    /// <param name="implementation">A <see cref="CelUnaryFunction"/>, <see cref="CelBinaryFunction"/> or <see cref="CelNaryFunction"/>; null for declarations only.</param>
    public CelOverload(string function, bool isMember, IReadOnlyList<CelType> parameters, CelType result, Delegate? implementation)
    {
        Function = function;
        IsMember = isMember;
        Parameters = parameters;
        Result = result;
        Implementation = implementation;
    }

    public string Function { get; }

    public bool IsMember { get; }

    public IReadOnlyList<CelType> Parameters { get; }

    public CelType Result { get; }

    public Delegate? Implementation { get; }

    internal bool Fits(bool isMember, int count) => IsMember == isMember && Parameters.Count == count;

    internal bool Admits(ReadOnlySpan<CelValue> arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!Parameters[i].Admits(arguments[i]))
            {
                return false;
            }
        }

        return true;
    }
}
