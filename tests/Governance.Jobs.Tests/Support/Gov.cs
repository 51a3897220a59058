using System.Diagnostics;
using System.Text.Json.Nodes;
using Governance.Jobs.Engines;

namespace Governance.Jobs.Tests.Support;

/// <summary>The built command line as a process of its own.</summary>
internal sealed class Gov : IDisposable
{
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private Gov(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    private static string Program => Path.Combine(SharedMaterial.RepositoryRoot, "src", "Governance.Cli", "bin", Configuration, "net10.0", "gov.dll");

    /// <summary>The command of a shard; its plan comes last.</summary>
    public static ShardCommand Shard(params string[] arguments) => new("dotnet", [Program, "shard", "run", .. arguments], new Dictionary<string, string>());

    public static Gov Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new Gov(Process.Start(start)!);
    }

    /// <summary>Runs to its end, which must be exit code 0, and gives the JSON it printed.</summary>
    public static async Task<JsonNode> JsonAsync(IEnumerable<string> arguments, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var gov = Start([.. arguments, "--json"], environment);
        return await gov.JsonAsync(cancellationToken);
    }

    public async Task<JsonNode> JsonAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, $"gov ended with {process.ExitCode}: {await error}");
        return JsonNode.Parse(await output)!;
    }

    /// <summary>kill -9, the process alone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }
}
