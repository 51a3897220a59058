using System.Globalization;

namespace Governance.Jobs.Shards;

/// <summary>
/// Which task of a job works on which shard, so that a task that is done with its own goes on with others: a file per shard, made once, that names the
/// task. Claims bind the tasks of one job only; a shard may still run twice. Not thread-safe; many processes may share the folder.
/// </summary>
public sealed class ShardClaims
{
    private const string Over = "over";
    private readonly string folder;
    private readonly Dictionary<int, int> holders = [];

    internal ShardClaims(string folder) => this.folder = folder;

    /// <summary>Claims a shard for a task.</summary>
    /// <returns>Whether it is the task's, also from before the task was started again.</returns>
    public bool Take(int shard, int task)
    {
        Directory.CreateDirectory(folder);
        try
        {
            using var claim = new StreamWriter(new FileStream(PathOf(shard), FileMode.CreateNew, FileAccess.Write));
            claim.Write(task.ToString(CultureInfo.InvariantCulture));
            return true;
        }
        catch (IOException) when (File.Exists(PathOf(shard)))
        {
            return HolderOf(shard) == task;
        }
    }

    /// <summary>The task that has claimed a shard; null when none has, as far as can be read.</summary>
    public int? HolderOf(int shard)
    {
        try
        {
            if (!holders.TryGetValue(shard, out var holder) && int.TryParse(File.ReadAllText(PathOf(shard)), NumberStyles.None, CultureInfo.InvariantCulture, out holder))
            {
                holders[shard] = holder;
            }

            return holders.TryGetValue(shard, out holder) ? holder : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Ends going on: tasks of the job take no further shards.</summary>
    public void End()
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, Over), []);
    }

    /// <summary>Whether going on has ended.</summary>
    public bool HasEnded() => File.Exists(Path.Combine(folder, Over));

    private string PathOf(int shard) => Path.Combine(folder, shard.ToString(CultureInfo.InvariantCulture));
}
