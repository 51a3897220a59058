namespace Governance.Gateway.Identity;

/// <summary>
/// The gateway must not start as it is configured. The message is for the operator: one line for each fault, naming the configuration key.
/// The process edge prints it without a stack and ends with <see cref="ExitCode"/>.
/// </summary>
public sealed class StartupRefusedException(string message) : Exception(message)
{
    /// <summary>EX_CONFIG of sysexits.h.</summary>
    public const int ExitCode = 78;
}
