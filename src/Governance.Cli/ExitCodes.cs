using Governance.Client;
using Governance.Client.Contracts;

namespace Governance.Cli;

/// <summary>What a process that ran <c>gov</c> can rely on. Stable: part of the public interface (docs/cli.md).</summary>
public static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>Something this program did not foresee.</summary>
    public const int Unexpected = 1;

    /// <summary>What was compared differs (<c>gov reproduce</c>, as <c>diff</c> does).</summary>
    public const int Different = 1;

    /// <summary>The command line is wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>The input was refused: a file, a value, a policy document.</summary>
    public const int Invalid = 3;

    /// <summary>No valid token, or the caller's role may not.</summary>
    public const int Forbidden = 4;

    public const int NotFound = 5;

    /// <summary>It does not fit the current state.</summary>
    public const int Conflict = 6;

    /// <summary>A gate denied it, or waits for somebody.</summary>
    public const int Gate = 7;

    /// <summary>Something that should verify does not.</summary>
    public const int VerificationFailed = 8;

    /// <summary>The gateway cannot be reached, or cannot record now.</summary>
    public const int Unavailable = 9;

    /// <summary>Interrupted (Ctrl-C), as shells count it.</summary>
    public const int Cancelled = 130;

    /// <summary>Every code with its meaning, in order: what help and documentation print.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Ok, "done"),
        (Unexpected, "unexpected failure; gov reproduce: the results differ"),
        (Usage, "wrong command line"),
        (Invalid, "input refused"),
        (Forbidden, "not signed in, or not allowed"),
        (NotFound, "no such thing"),
        (Conflict, "does not fit the current state"),
        (Gate, "the gate denied it or waits for somebody"),
        (VerificationFailed, "verification failed"),
        (Unavailable, "gateway unreachable or unable to record"),
        (Cancelled, "interrupted"),
    ];

    public static int Of(Problem problem) => problem switch
    {
        { Gate: not null } or { Code: "gate-denied" or "gate-waiting" } => Gate,
        { Status: 401 or 403 } => Forbidden,
        { Status: 404 } => NotFound,
        { Status: 409 or 412 } => Conflict,
        { Status: 400 or 405 or 411 or 413 or 415 or 422 } => Invalid,
        { Status: 408 or 429 or 502 or 503 or 504 } => Unavailable,
        _ => Unexpected,
    };

    internal static int Of(GovernanceException exception) => Of(exception.Problem);
}
