namespace Governance.Policy.Cel;

/// <summary>The limits of compiling and evaluating, by name. Reaching one is an error that names it. Immutable.</summary>
public sealed record CelLimits
{
    /// <summary>UTF-16 characters in one expression. Default 100,000.</summary>
    public int ExpressionSize { get; init; } = 100_000;

    /// <summary>Levels of parentheses, brackets, calls and unary operators in a source. Default 100.</summary>
    public int NestingDepth { get; init; } = 100;

    /// <summary>Levels of the syntax tree; a chain of <c>+</c> counts one level each. Default 400.</summary>
    public int TreeDepth { get; init; } = 400;

    /// <summary>Cost of one evaluation: about one per operation and per element visited. Default 1,000,000.</summary>
    public long Cost { get; init; } = 1_000_000;

    /// <summary>
    /// Elements a list or map of the input is assumed to have when the worst cost of an expression is bounded before it runs. Default 100.
    /// </summary>
    public int AssumedElements { get; init; } = 100;

    /// <summary>UTF-16 characters of a regular expression. Default 1,000.</summary>
    public int RegexSize { get; init; } = 1_000;

    /// <summary>Wall-clock time of one evaluation; null (the default) for none, so that results do not depend on the machine.</summary>
    public TimeSpan? Time { get; init; }

    public static CelLimits Default { get; } = new();
}
