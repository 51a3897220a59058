using System.Diagnostics;
using System.Text;
using Governance.Testing;

namespace Governance.EndToEnd.Tests;

/// <summary>The built programs, started as processes of their own.</summary>
internal static class Programs
{
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string Gateway { get; } = Output("Governance.Gateway", "Governance.Gateway.dll");

    public static string Gov { get; } = Output("Governance.Cli", "gov.dll");

    /// <summary>Runs gov to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> GovAsync(string[] arguments, CancellationToken cancellationToken) =>
        RunAsync("dotnet", [Gov, .. arguments], cancellationToken);

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return (process.ExitCode, await output, await error);
    }

    public static Process Start(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = SharedMaterial.RepositoryRoot,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Skips the test, saying what to install, when a tool is not there.</summary>
    public static void Need(string tool, string package) => Assert.SkipUnless(
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(f => File.Exists(Path.Combine(f, tool))), $"{tool} is not installed: apt-get install {package}");

    private static string Output(string project, string file) =>
        Path.Combine(SharedMaterial.RepositoryRoot, "src", project, "bin", Configuration, "net10.0", file);
}
