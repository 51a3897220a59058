using Governance.Jobs.Engines.Slurm;

namespace Governance.Gateway.Runs;

/// <summary>Where checks run: section <c>Gateway:Jobs</c>.</summary>
public sealed class JobsOptions
{
    /// <summary><c>local</c> (default): in this process. <c>processes</c>: each shard in a process of its own. <c>slurm</c>: a cluster.</summary>
    public string Engine { get; set; } = "local";

    /// <summary>Folder of plans and results, seen by every node. Default: <c>jobs</c> in the data folder.</summary>
    public string? Folder { get; set; }

    /// <summary>Shards at once. Default: one per processor here, 16 on a cluster.</summary>
    public int? Slots { get; set; }

    /// <summary>Runs at once; their shards share the slots. Default 2.</summary>
    public int Runs { get; set; } = 2;

    /// <summary>Program and first arguments of <c>gov</c> as a node starts it. Default <c>gov</c>.</summary>
    public string[] Program { get; set; } = ["gov"];

    /// <summary>Memory of a shard, in MiB. Default 2048.</summary>
    public int ShardMemoryMiB { get; set; } = 2048;

    /// <summary>Time limit of a shard, in minutes. Default 60.</summary>
    public int ShardMinutes { get; set; } = 60;

    public SlurmSettings Slurm { get; set; } = new();

    /// <summary>Everything wrong with the settings, each naming its key.</summary>
    public IEnumerable<string> Faults()
    {
        if (Engine is not ("local" or "processes" or "slurm"))
        {
            yield return $"Gateway:Jobs:Engine is '{Engine}'; it must be local, processes or slurm.";
        }

        if (Slots is < 1 or > 100_000)
        {
            yield return "Gateway:Jobs:Slots must be from 1 to 100000.";
        }

        if (Runs is < 1 or > 1000)
        {
            yield return "Gateway:Jobs:Runs must be from 1 to 1000.";
        }

        if (Program.Length == 0 || string.IsNullOrWhiteSpace(Program[0]))
        {
            yield return "Gateway:Jobs:Program must name the program that nodes start.";
        }

        if (ShardMemoryMiB is < 64 or > 1 << 20)
        {
            yield return "Gateway:Jobs:ShardMemoryMiB must be from 64 to 1048576.";
        }

        if (ShardMinutes is < 1 or > 10_080)
        {
            yield return "Gateway:Jobs:ShardMinutes must be from 1 to 10080.";
        }

        if (Slurm.RestUrl is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"))
        {
            yield return "Gateway:Jobs:Slurm:RestUrl must be an http or https address.";
        }

        if (Slurm.RestUrl is not null && (Slurm.User is null || Slurm.TokenFile is null))
        {
            yield return "Gateway:Jobs:Slurm: with a RestUrl, User and TokenFile must be set.";
        }
    }
}

/// <summary>Settings of the Slurm engine: section <c>Gateway:Jobs:Slurm</c>.</summary>
public sealed class SlurmSettings
{
    public string? Partition { get; set; }

    public string? Account { get; set; }

    public string? Qos { get; set; }

    /// <summary>Address of slurmrestd; without it the commands <c>sbatch</c>, <c>squeue</c> and <c>scancel</c> are used.</summary>
    public string? RestUrl { get; set; }

    public string? User { get; set; }

    /// <summary>File that holds slurmrestd's token; read at each request.</summary>
    public string? TokenFile { get; set; }

    /// <summary>Version in slurmrestd's paths. Default <c>v0.0.38</c>.</summary>
    public string ApiVersion { get; set; } = "v0.0.38";

    public SlurmOptions ToOptions(int slots) => new()
    {
        Slots = slots,
        Partition = Partition,
        Account = Account,
        Qos = Qos,
        Rest = RestUrl is null ? null : new SlurmRestOptions(new Uri(RestUrl), User!, TokenFile!, ApiVersion),
    };
}
