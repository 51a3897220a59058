using System.Diagnostics;

namespace Governance.Ledger.Tests;

/// <summary>
/// Runs an explicit test of this assembly, and nothing else, in a process of its own: real system calls, a real death. The child finds its
/// folder in <see cref="FolderVariable"/>.
/// </summary>
internal static class LedgerChild
{
    public const string FolderVariable = "GOVERNANCE_CRASH_FOLDER";

    public static string Folder => Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException(FolderVariable + " is not set");

    /// <param name="under">A program, with its arguments, that runs the child; none when empty.</param>
    public static Process Start(string folder, string method, params IReadOnlyList<string> under)
    {
        string[] command =
        [
            .. under, Path.ChangeExtension(typeof(LedgerChild).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null)!,
            "-method", method, "-explicit", "only",
        ];
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            Environment = { [FolderVariable] = folder },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
    }
}
