using Governance.Core.Gates;

namespace Governance.Core.Decisions;

/// <summary>Why a command was refused: maps to one HTTP status and one CLI exit code.</summary>
public enum RefusalKind
{
    /// <summary>The command is malformed or contradicts itself (422).</summary>
    Invalid,

    /// <summary>The caller may not do this (403).</summary>
    Forbidden,

    /// <summary>What it is about does not exist (404).</summary>
    NotFound,

    /// <summary>It does not fit the current state (409).</summary>
    Conflict,

    /// <summary>A gate denied it or waits for somebody (409); <see cref="Refusal.Gate"/> says which rules.</summary>
    Gate,

    /// <summary>The caller's team has had its share (429).</summary>
    Exhausted,

    /// <summary>It cannot be recorded now (503).</summary>
    Unavailable,
}

/// <summary>A typed no. Immutable.</summary>
/// <param name="Code">Stable, kebab-case: <c>self-sign-off</c>. Part of the public API.</param>
/// <param name="Detail">One or two sentences for the caller: what is wrong and what to do.</param>
public sealed record Refusal(RefusalKind Kind, string Code, string Detail)
{
    public GateDecision? Gate { get; init; }

    /// <summary>All faults, when there are several.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    public static Refusal Invalid(string code, string detail) => new(RefusalKind.Invalid, code, detail);

    public static Refusal Forbidden(string code, string detail) => new(RefusalKind.Forbidden, code, detail);

    public static Refusal NotFound(string code, string detail) => new(RefusalKind.NotFound, code, detail);

    public static Refusal Conflict(string code, string detail) => new(RefusalKind.Conflict, code, detail);
}
