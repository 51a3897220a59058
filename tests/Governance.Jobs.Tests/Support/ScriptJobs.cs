using Governance.Jobs.Engines;
using Governance.Jobs.Plans;

namespace Governance.Jobs.Tests.Support;

/// <summary>Jobs whose shards are shell scripts: what engines are tried with.</summary>
internal static class ScriptJobs
{
    /// <param name="script">Runs in <c>sh</c>; <c>$SHARD_INDEX</c> is set, <c>$OUT</c> is a folder.</param>
    public static ShardJob Of(TempFolder folder, string script, IEnumerable<int> indices, ShardResources? resources = null, int? maxParallel = null) => new()
    {
        Name = "test-" + Guid.NewGuid().ToString("n")[..12],
        Indices = [.. indices],
        Command = new ShardCommand("/bin/sh", ["-c", script], new Dictionary<string, string> { ["OUT"] = folder.Path, ["PATH"] = "/usr/local/bin:/usr/bin:/bin" }),
        Resources = resources ?? new ShardResources(Cpus: 1, MemoryMiB: 128, Minutes: 5),
        Folder = folder.Path,
        MaxParallel = maxParallel,
    };

    /// <summary>Polls until every shard has ended.</summary>
    public static async Task<IReadOnlyList<ShardState>> EndAsync(this IShardEngine engine, ShardJob job, string ticket, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            var states = await engine.PollAsync(job, ticket, limit.Token);
            if (states.All(s => s.HasEnded))
            {
                return states;
            }

            await Task.Delay(engine.PollInterval, limit.Token);
        }
    }

    /// <summary>Polls until a shard has some phase.</summary>
    public static async Task UntilAsync(this IShardEngine engine, ShardJob job, string ticket, int index, ShardPhase phase, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while ((await engine.PollAsync(job, ticket, limit.Token)).Single(s => s.Index == index).Phase != phase)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
        }
    }
}
