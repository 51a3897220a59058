using System.Diagnostics;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>Runs docs/verify_ledger.py.</summary>
internal static class PythonVerifier
{
    /// <summary>Skips the calling test, saying what to install, when there is no Python.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var script = Path.Combine(SharedMaterial.RepositoryRoot, "docs", "verify_ledger.py");
        var start = new ProcessStartInfo("python3", [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("python3 is not installed: apt-get install python3");
            throw;
        }
    }
}
