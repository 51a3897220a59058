using System.Globalization;
using System.Text.Json;
using Governance.Core;
using Governance.Jobs.Engines;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Runs;

/// <param name="Ticket">What the back end calls the job.</param>
internal sealed record JobTicket(string Engine, ShardJob Job, string Ticket);

/// <summary>
/// The jobs of a plan, kept in its folder so that a restarted gateway finds them: <c>jobs/N.json</c> while it is watched, <c>jobs/N.closed</c>
/// after. Not thread-safe: who holds the plan's lock uses it.
/// </summary>
internal sealed class JobTickets
{
    private readonly string folder;
    private readonly string salt;

    public JobTickets(RunFolder run)
    {
        folder = Path.Combine(run.Root, "jobs");
        Directory.CreateDirectory(folder);
        salt = Salt();
    }

    /// <summary>End of the next job's name. A job submitted just before a crash left no ticket, so its name comes again and the back end finds it.</summary>
    public string NextName() => string.Create(CultureInfo.InvariantCulture, $"{salt}-{Count()}");

    public JobTicket Write(JobTicket ticket)
    {
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Count():000000}.json"));
        File.WriteAllBytes(path + ".tmp", GovernanceJson.Serialize(ticket));
        File.Move(path + ".tmp", path);
        return ticket;
    }

    /// <summary>Jobs that were not watched to their end, oldest first.</summary>
    public IReadOnlyList<JobTicket> Open() => Read(Directory.EnumerateFiles(folder, "*.json"));

    /// <summary>All jobs, oldest first.</summary>
    public IReadOnlyList<JobTicket> All() => Read(Directory.EnumerateFiles(folder, "*.json").Concat(Directory.EnumerateFiles(folder, "*.closed")));

    private static List<JobTicket> Read(IEnumerable<string> paths)
    {
        var all = new List<JobTicket>();
        foreach (var path in paths.OrderBy(p => Path.GetFileNameWithoutExtension(p), StringComparer.Ordinal))
        {
            try
            {
                all.Add(GovernanceJson.Deserialize<JobTicket>(File.ReadAllBytes(path)));
            }
            catch (JsonException)
            {
                // Not written by this version: its results are found by key, its shards run out.
            }
        }

        return all;
    }

    /// <summary>Closes the tickets of jobs; also those that cannot be read.</summary>
    public void Close(Func<ShardJob, bool> which)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").ToList())
        {
            if (Read([path]) is not [{ } ticket] || which(ticket.Job))
            {
                File.Move(path, Path.ChangeExtension(path, ".closed"), overwrite: true);
            }
        }
    }

    private int Count() => Directory.EnumerateFiles(folder, "*.json").Count() + Directory.EnumerateFiles(folder, "*.closed").Count();

    /// <summary>Of this folder: a folder made again for the same plan must not find the jobs of the old one.</summary>
    private string Salt()
    {
        var path = Path.Combine(folder, "salt");
        if (!File.Exists(path))
        {
            File.WriteAllText(path, Guid.NewGuid().ToString("n")[..8]);
        }

        return File.ReadAllText(path);
    }
}
