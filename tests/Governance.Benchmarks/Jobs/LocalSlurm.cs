using System.Diagnostics;
using Governance.Testing;

namespace Governance.Benchmarks.Jobs;

/// <summary>A real Slurm on loopback with 4 nodes of 8 claimed processors: slots that a machine of two cannot serve at once, but a thousand empty tasks are not throttled by.</summary>
internal sealed class LocalSlurm : IDisposable
{
    private static readonly string Script = Path.Combine(SharedMaterial.Root, "cluster", "slurm-local.sh");

    /// <summary>Not a <see cref="TempFolder"/>: Unix sockets need a short path.</summary>
    private readonly string folder = Path.Combine("/tmp", "gb" + Guid.NewGuid().ToString("n")[..6]);

    private LocalSlurm()
    {
        foreach (var line in Run("up", folder, "4").Split('\n').Where(l => l.StartsWith("export ", StringComparison.Ordinal)))
        {
            var pair = line["export ".Length..].Split('=', 2);
            Environment.SetEnvironmentVariable(pair[0], pair[1]);
        }
    }

    public const int Slots = 32;

    public static bool IsPossible => File.Exists(Script) && Environment.UserName == "root";

    public static LocalSlurm Start() => new();

    public void Dispose()
    {
        Run("down", folder);
        Directory.Delete(folder, recursive: true);
    }

    private static string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Script, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["SLURM_LOCAL_CPUS"] = "8";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{Script} {arguments[0]} ended with {process.ExitCode}.");
    }
}
