using System.Diagnostics;

namespace Governance.Policy.Cel;

/// <summary>An input value an evaluation read.</summary>
/// <param name="Expression">Source text of the sub-expression.</param>
public readonly record struct CelObservation(string Expression, CelValue Value);

/// <summary>
/// The values of an environment's variables for one or many evaluations, and their running state. Reusable, so that evaluating allocates nothing;
/// not thread-safe: one per thread. Lazy variables are computed once, when first read.
/// </summary>
public sealed class CelActivation : ICelBudget
{
    private const int InterruptInterval = 128;
    private readonly CelEnvironment environment;
    private readonly CelValue[] globals;
    private readonly Func<CelValue>?[] lazy;
    private CelValue[] locals = [];
    private long remaining;
    private long untilInterrupt;
    private long deadline;
    private int nested;
    private CancellationToken cancellation;

    public CelActivation(CelEnvironment environment)
    {
        this.environment = environment;
        globals = new CelValue[environment.Variables.Count];
        lazy = new Func<CelValue>?[globals.Length];
    }

    /// <summary>Where programs compiled with <see cref="CelOptions.Observe"/> note what they read; null notes nothing.</summary>
    public List<CelObservation>? Observations { get; set; }

    internal int Base { get; private set; }

    /// <exception cref="ArgumentException">The environment declares no such variable.</exception>
    public CelActivation Set(string name, CelValue value)
    {
        var slot = Slot(name);
        globals[slot] = value;
        lazy[slot] = null;
        return this;
    }

    /// <summary>Gives a variable that is computed by another program when first read, within the same limits.</summary>
    /// <exception cref="ArgumentException">The environment declares no such variable.</exception>
    public CelActivation SetLazy(string name, CelProgram program)
    {
        var slot = Slot(name);
        globals[slot] = default;
        lazy[slot] = () => program.RunNested(this);
        return this;
    }

    /// <summary>Makes lazy variables be computed anew at their next reading: their inputs changed.</summary>
    internal void Forget(IReadOnlyList<(string Name, CelProgram Program)> variables)
    {
        foreach (var (name, _) in variables)
        {
            globals[Slot(name)] = default;
        }
    }

    /// <inheritdoc/>
    public void Charge(long cost)
    {
        remaining -= cost;
        untilInterrupt -= cost;
        if (remaining < 0)
        {
            throw new CelLimitException($"the evaluation costs more than the limit {nameof(CelLimits.Cost)} of {environment.Limits.Cost}");
        }

        if (untilInterrupt < 0)
        {
            untilInterrupt = InterruptInterval;
            cancellation.ThrowIfCancellationRequested();
            if (deadline != 0 && Stopwatch.GetTimestamp() > deadline)
            {
                throw new CelLimitException($"the evaluation takes longer than the limit {nameof(CelLimits.Time)} of {environment.Limits.Time}");
            }
        }
    }

    internal CelValue Global(int slot)
    {
        ref var value = ref globals[slot];
        if (value.Kind == CelKind.Absent && lazy[slot] is { } compute)
        {
            if (++nested > environment.Limits.NestingDepth)
            {
                throw new CelLimitException($"variables refer to each other deeper than the limit {nameof(CelLimits.NestingDepth)} of {environment.Limits.NestingDepth}");
            }

            value = compute();
            nested--;
        }

        return value;
    }

    internal ref CelValue Local(int slot) => ref locals[Base + slot];

    internal void Begin(CancellationToken cancellationToken)
    {
        cancellation = cancellationToken;
        remaining = environment.Limits.Cost;
        untilInterrupt = InterruptInterval;
        nested = 0;
        Base = 0;
        deadline = environment.Limits.Time is { } time ? Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency) : 0;
    }

    /// <summary>Opens a frame of locals above the current one; give the result to <see cref="Leave"/>.</summary>
    internal int Enter(int callerLocals, int count)
    {
        var saved = Base;
        Base += callerLocals;
        if (locals.Length < Base + count)
        {
            Array.Resize(ref locals, Math.Max(16, (Base + count) * 2));
        }

        return saved;
    }

    internal void Leave(int saved) => Base = saved;

    /// <summary>Locals in use by the program now running.</summary>
    internal int Frame { get; set; }

    internal bool Owns(CelEnvironment candidate) => ReferenceEquals(environment, candidate);

    private int Slot(string name) =>
        environment.Variables.TryGetValue(name, out var variable) ? variable.Slot : throw new ArgumentException($"The environment declares no variable '{name}'.", nameof(name));
}

/// <summary>Leaves an evaluation that reached a limit; no operator absorbs it. Becomes an error value at the façade.</summary>
internal sealed class CelLimitException(string message) : Exception(message);
