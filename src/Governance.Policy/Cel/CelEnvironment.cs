namespace Governance.Policy.Cel;

/// <summary>
/// What expressions may refer to: variables with their types, the standard functions and extensions, and a container that shortens qualified names.
/// Compiles sources into programs. Immutable after construction and thread-safe.
/// </summary>
public sealed class CelEnvironment
{
    private readonly Dictionary<string, VariableBinding> variables = new(StringComparer.Ordinal);
    private readonly FunctionTable functions = FunctionTable.Standard();

    /// <param name="variables">Names, which may be qualified (<c>request.time</c>), and their types.</param>
    /// <param name="limits">Defaults to <see cref="CelLimits.Default"/>.</param>
    /// <param name="container">Namespace in which names are looked up first, innermost outwards; empty for none.</param>
    /// <param name="overloads">Functions beyond the standard ones.</param>
    /// <exception cref="ArgumentException">A variable is declared twice.</exception>
    public CelEnvironment(
        IEnumerable<KeyValuePair<string, CelType>> variables, CelLimits? limits = null, string container = "", IEnumerable<CelOverload>? overloads = null)
    {
        foreach (var (name, type) in variables)
        {
            this.variables.Add(name, new VariableBinding(this.variables.Count, type));
        }

        foreach (var overload in overloads ?? [])
        {
            functions.Add(overload);
        }

        Limits = limits ?? CelLimits.Default;
        Container = container;
    }

    public CelLimits Limits { get; }

    public string Container { get; }

    internal FunctionTable Functions => functions;

    internal IReadOnlyDictionary<string, VariableBinding> Variables => variables;

    /// <summary>The expression as a program, or what is wrong with it. Never throws for any text.</summary>
    public CelCompilation Compile(string source, CelOptions? options = null) => Compile(new CelSource(source), options);

    /// <inheritdoc cref="Compile(string, CelOptions?)"/>
    public CelCompilation Compile(CelSource source, CelOptions? options = null)
    {
        options ??= CelOptions.Default;
        try
        {
            var expr = Parser.Parse(source, Limits, options.Macros);
            var type = CelType.Dyn;
            if (options.Check)
            {
                var checker = new Checker(this, source);
                type = checker.Check(expr, options.ResultType);
                if (checker.Issues.Count > 0)
                {
                    return new CelCompilation(null, new CelIssues(checker.Issues));
                }
            }

            return new CelCompilation(Planner.Plan(this, source, expr, type, options.Observe), new CelIssues([]));
        }
        catch (CelSyntaxException e)
        {
            return new CelCompilation(null, new CelIssues([CelIssue.At(source, e.Offset, e.Message)]));
        }
    }
}

/// <summary>How to compile. Immutable.</summary>
public sealed record CelOptions
{
    /// <summary>Whether to type-check. Default true.</summary>
    public bool Check { get; init; } = true;

    /// <summary>Whether macros are expanded. Default true.</summary>
    public bool Macros { get; init; } = true;

    /// <summary>Type the result must have; null for any.</summary>
    public CelType? ResultType { get; init; }

    /// <summary>Whether evaluation notes the input values it reads, for explanations. Default false.</summary>
    public bool Observe { get; init; }

    public static CelOptions Default { get; } = new();
}

/// <summary>The outcome of compiling: a program, or issues. Immutable.</summary>
/// <param name="Program">Null when there are issues.</param>
public sealed record CelCompilation(CelProgram? Program, CelIssues Issues)
{
    /// <summary>The program.</summary>
    /// <exception cref="InvalidOperationException">There are issues; the message lists them.</exception>
    public CelProgram Require() => Program ?? throw new InvalidOperationException(Issues.ToString());
}
