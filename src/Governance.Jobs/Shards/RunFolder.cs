using System.Globalization;
using System.Text.Json;
using Governance.Core;
using Governance.Jobs.Plans;

namespace Governance.Jobs.Shards;

/// <summary>
/// The folder of one plan on storage that every node sees: <c>plan.json</c>, and per shard run <c>shards/INDEX.NONCE.json</c> (report, written
/// once at its end), <c>shards/INDEX.NONCE.beat</c> (progress, rewritten while it runs), <c>claims/JOB/INDEX</c> (the task that works on a shard), <c>failed/</c> (a mark per failed
/// check) and logs. Files appear whole. Thread-safe.
/// </summary>
public sealed class RunFolder
{
    public RunFolder(string path)
    {
        Root = Path.GetFullPath(path);
        Directory.CreateDirectory(Shards);
        Directory.CreateDirectory(Logs);
    }

    public string Root { get; }

    public string PlanPath => Path.Combine(Root, "plan.json");

    public string Logs => Path.Combine(Root, "logs");

    private string Shards => Path.Combine(Root, "shards");

    private string Failed => Path.Combine(Root, "failed");

    /// <param name="job">Name of a job.</param>
    public ShardClaims Claims(string job) => new(Path.Combine(Root, "claims", job));

    /// <summary>Marks a check that has failed for this run: shards that start later do nothing for it.</summary>
    public void MarkFailed(string check)
    {
        Directory.CreateDirectory(Failed);
        WriteWhole(MarkOf(check), []);
    }

    public bool HasFailed(string check) => File.Exists(MarkOf(check));

    /// <summary>A new run tries everything again.</summary>
    public void ForgetFailures()
    {
        if (Directory.Exists(Failed))
        {
            Directory.Delete(Failed, recursive: true);
        }
    }

    private string MarkOf(string check) => Path.Combine(Failed, Digest.Of(System.Text.Encoding.UTF8.GetBytes(check)).Hex);

    public void WritePlan(CheckPlan plan) => WriteWhole(PlanPath, GovernanceJson.Serialize(plan));

    /// <summary>The plan; null when there is none, or none that can be read.</summary>
    public CheckPlan? ReadPlan()
    {
        try
        {
            return GovernanceJson.Deserialize<CheckPlan>(File.ReadAllBytes(PlanPath));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    public void Write(ShardReport report) => WriteWhole(ReportPath(report.Index, report.Nonce), GovernanceJson.Serialize(report));

    public void Beat(int index, string nonce, ShardBeat beat) => WriteWhole(Path.ChangeExtension(ReportPath(index, nonce), ".beat"), GovernanceJson.Serialize(beat));

    /// <summary>Reports of all runs of a shard; unreadable ones are left out.</summary>
    public IReadOnlyList<ShardReport> Reports(int index) => [.. Read<ShardReport>(index, "json")];

    /// <summary>Names of all reports, unread.</summary>
    public IEnumerable<string> ReportFiles() => Directory.EnumerateFiles(Shards, "*.json").Select(path => Path.GetFileName(path));

    /// <summary>The shard that a report of this name is of; -1 when it is none of ours.</summary>
    public static int IndexOf(string reportFile) => int.TryParse(reportFile.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;

    /// <summary>Signs of life of all runs of a shard so far: grows while any of them lives.</summary>
    public long Beats(int index) => Read<ShardBeat>(index, "beat").Sum(b => b.Count);

    private IEnumerable<T> Read<T>(int index, string extension)
        where T : class
    {
        foreach (var path in Directory.EnumerateFiles(Shards, $"{index}.*.{extension}"))
        {
            T? value = null;
            try
            {
                value = GovernanceJson.Deserialize<T>(File.ReadAllBytes(path));
            }
            catch (Exception e) when (e is IOException or JsonException)
            {
                // Being replaced, or not ours.
            }

            if (value is not null)
            {
                yield return value;
            }
        }
    }

    private string ReportPath(int index, string nonce) => Path.Combine(Shards, $"{index}.{nonce}.json");

    private static void WriteWhole(string path, byte[] content)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}

/// <summary>A sign of life.</summary>
/// <param name="Count">Grows with every beat: the reader compares it with what it saw before, so clocks need not agree.</param>
/// <param name="Done">Work items finished.</param>
public sealed record ShardBeat(string Nonce, long Count, int Done, int Total);
