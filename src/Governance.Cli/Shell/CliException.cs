namespace Governance.Cli.Shell;

/// <summary>A foreseen failure on this side: one line, a hint, and its exit code.</summary>
internal sealed class CliException(int exitCode, string message, string? hint = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    public int ExitCode { get; } = exitCode;

    public string? Hint { get; } = hint;

    public static CliException Usage(string message, string? hint = null) => new(ExitCodes.Usage, message, hint);

    public static CliException Invalid(string message, string? hint = null) => new(ExitCodes.Invalid, message, hint);

    public static CliException Unavailable(string message, string? hint = null) => new(ExitCodes.Unavailable, message, hint);

    public static CliException NotFound(string message, string? hint = null) => new(ExitCodes.NotFound, message, hint);
}
