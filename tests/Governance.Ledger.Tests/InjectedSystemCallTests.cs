using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Governance.Ledger.Tests;

/// <summary>
/// A second method beside the simulated disk: a real process whose system calls strace makes fail. What was acknowledged before is found, the
/// process says no instead of dying, and the folder opens again. One failure each; GOVERNANCE_FAULTS=all tries more moments.
/// </summary>
public sealed class InjectedSystemCallTests
{
    private static readonly int[] Moments = Environment.GetEnvironmentVariable("GOVERNANCE_FAULTS") == "all" ? [1, 2, 3, 5, 8, 13, 21, 40] : [4];

    [Theory]
    [InlineData("pwrite64", "EIO")]
    [InlineData("pwrite64", "ENOSPC")]
    [InlineData("fdatasync", "EIO")]
    [InlineData("fsync", "EIO")]
    [InlineData("rename", "EIO")]
    [InlineData("ftruncate", "ENOSPC")]
    public async Task A_failing_system_call_is_answered_with_no_and_loses_nothing(string call, string error)
    {
        Assert.SkipUnless(await StraceWorksAsync(), "strace is not installed or may not trace: apt-get install strace");
        var injected = 0;
        foreach (var moment in Moments)
        {
            using var folder = new CrashFolder();
            var trace = folder.File("trace");
            using var child = LedgerChild.Start(
                folder.Path,
                $"{typeof(InjectedSystemCallTests).FullName}.{nameof(Writer)}",
                "strace", "--quiet=all", "--follow-forks", "--seccomp-bpf", "--output=" + trace, "--trace=" + call,
                string.Create(CultureInfo.InvariantCulture, $"--inject={call}:error={error}:when={moment}+"));
            child.StandardInput.Close();
            while (await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                folder.Take(line);
            }

            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            injected += File.ReadLines(trace).Count(l => l.Contains("INJECTED", StringComparison.Ordinal));
            Assert.DoesNotContain(File.ReadLines(trace), l => l.Contains("killed by SIG", StringComparison.Ordinal));
            await folder.CheckAsync();
        }

        Assert.True(injected > 0, "no system call was made to fail");
    }

    /// <summary>Not a test: what the child process runs until it is refused.</summary>
    [Fact(Explicit = true)]
    public async Task Writer()
    {
        try
        {
            await CrashFolder.WriteAsync(tasks: 4, appends: 150);
        }
        catch (LedgerUnavailableException e)
        {
            Console.Out.WriteLine("unavailable: " + e.Message);
        }
    }

    private static async Task<bool> StraceWorksAsync()
    {
        try
        {
            using var probe = Process.Start(new ProcessStartInfo("strace", ["--quiet=all", "--output=/dev/null", "true"]) { RedirectStandardError = true, UseShellExecute = false })!;
            await probe.WaitForExitAsync(TestContext.Current.CancellationToken);
            return probe.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
