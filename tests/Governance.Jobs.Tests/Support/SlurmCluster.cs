using System.Diagnostics;

namespace Governance.Jobs.Tests.Support;

/// <summary>A real Slurm on loopback, started once for the tests that need it; two nodes or more, with fake GPUs.</summary>
public sealed class SlurmCluster : IDisposable
{
    private readonly string script = Path.Combine(SharedMaterial.Root, "cluster", "slurm-local.sh");
    private readonly Lazy<Dictionary<string, string>> environment;

    /// <summary>Not a <see cref="TempFolder"/>: Unix sockets need a short path.</summary>
    private readonly string folder = Path.Combine("/tmp", "gs" + Guid.NewGuid().ToString("n")[..6]);

    public SlurmCluster() => environment = new(Start);

    public static void SkipUnlessPossible()
    {
        SharedMaterial.SkipUnlessPresent("cluster/slurm-local.sh");
        Assert.SkipUnless(System.Environment.UserName == "root", "Slurm's daemons are started as root.");
    }

    /// <summary>Starts it if it is not up; gives what its clients need in the environment.</summary>
    public IReadOnlyDictionary<string, string> Variables => environment.Value;

    /// <summary>Kills a node's daemon and what runs under it, as a power cut would.</summary>
    public void KillNode(string node)
    {
        var pid = File.ReadAllText(Path.Combine(folder, "run", $"slurmd-{node}.pid")).Trim();
        Run("/bin/sh", ["-c", $"pkill -9 -P {pid}; for p in $(grep -lsz '^SLURMD_NODENAME={node}$' /proc/[0-9]*/environ | cut -d/ -f3); do kill -9 $p; done; kill -9 {pid}; true"]);
    }

    /// <summary>Leaves one node at work, in whose view a folder is empty, as if it were not mounted there. <see cref="Remount"/> undoes it.</summary>
    public void Unmount(string node, string path)
    {
        KillNode(node);
        var conf = Variables["SLURM_CONF"];
        Run("unshare", ["--mount", "--uts", "/bin/sh", "-c", $". {folder}/etc/shape; [ $SHAPE_UTS = 0 ] || hostname $SHAPE_HOST; mount -t tmpfs none {path} && exec slurmd -N {node} -f {conf} >>{folder}/log/boot.log 2>&1"]);
        Repair();
        Run("/bin/sh", ["-c", $"export SLURM_CONF={conf}; for n in $(sinfo -h -N -o %N); do [ $n = {node} ] || scontrol update nodename=$n state=drain reason=test; done"]);
    }

    public void Remount(string node)
    {
        KillNode(node);
        Repair();
    }

    /// <summary>Restarts what has died, and puts drained nodes back to work.</summary>
    public void Repair() => Run("bash", [script, "up", folder]);

    /// <summary>Waits until no task is at work or waits: the last one of a plan looks for more to do before it ends.</summary>
    public async Task UntilIdleAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (Run("/bin/sh", ["-c", $"SLURM_CONF={Variables["SLURM_CONF"]} squeue --noheader"]).Trim().Length > 0)
        {
            await Task.Delay(100, limit.Token);
        }
    }

    public void Dispose()
    {
        if (environment.IsValueCreated)
        {
            Run("bash", [script, "down", folder]);
            Directory.Delete(folder, recursive: true);
        }
    }

    private Dictionary<string, string> Start()
    {
        var lines = Run("bash", [script, "up", folder, "4", "2"]).Split('\n');
        return lines.Where(l => l.StartsWith("export ", StringComparison.Ordinal)).Select(l => l["export ".Length..].Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
    }

    private static string Run(string program, IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.Result}");
    }
}

/// <summary>Tests that share the cluster run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class SlurmCollection : ICollectionFixture<SlurmCluster>
{
    public const string Name = "Slurm";
}
