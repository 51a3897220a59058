namespace Governance.Policy.Cel;

/// <summary>Why an evaluation has no value.</summary>
public enum CelErrorCode
{
    /// <summary>The operation does not exist for these types.</summary>
    NoSuchOverload,

    /// <summary>A map has no such key, a record no such field, a list no such index.</summary>
    NoSuchField,

    /// <summary>A name that is not declared or has no value.</summary>
    UndeclaredReference,

    DivideByZero,

    /// <summary>A number, time or duration outside its range.</summary>
    Overflow,

    /// <summary>An argument that the function cannot take: text that is no number, an unknown time zone.</summary>
    InvalidArgument,

    /// <summary>A limit of <see cref="CelLimits"/> was reached; the message names it.</summary>
    LimitExceeded,
}

/// <summary>
/// An evaluation error, carried as a value so that <c>&amp;&amp;</c> and <c>||</c> can absorb it. Immutable.
/// </summary>
/// <param name="Message">One sentence. Holds names and types, never values of the input.</param>
/// <param name="Name">The missing name, for <see cref="CelErrorCode.NoSuchField"/> and <see cref="CelErrorCode.UndeclaredReference"/>.</param>
public sealed record CelError(CelErrorCode Code, string Message, string? Name = null)
{
    /// <summary>Offset in the source of the sub-expression that failed; -1 when unknown.</summary>
    public int Offset { get; init; } = -1;

    public override string ToString() => Message;
}
