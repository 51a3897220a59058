using System.Diagnostics;
using System.Text.Json;

namespace Governance.EndToEnd.Tests;

/// <summary>How a program ended.</summary>
internal sealed record Execution(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as the one JSON document it must be.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Runs <c>gov</c> as a process of its own.</summary>
    public static Task<Execution> GovAsync(Uri gateway, params string[] arguments) =>
        RunAsync("dotnet", [Programs.Cli, .. arguments], new() { ["GOV_URL"] = gateway.AbsoluteUri, ["NO_COLOR"] = "1" });

    public static async Task<Execution> RunAsync(string program, string[] arguments, Dictionary<string, string>? variables = null)
    {
        using var process = Start(program, arguments, variables ?? []);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new Execution(process.ExitCode, await output, await error);
    }

    public static Process Start(string program, string[] arguments, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }
}
