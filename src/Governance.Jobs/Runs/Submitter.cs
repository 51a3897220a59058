using System.Globalization;
using Governance.Core;
using Governance.Jobs.Engines;
using Governance.Jobs.Plans;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Runs;

/// <summary>Makes jobs of a plan's shards and hands them to the engine, each with a ticket. Not thread-safe.</summary>
internal sealed class Submitter(IShardEngine engine, ShardCommand command, CheckPlan plan, RunFolder folder)
{
    private const string HeapLimit = "DOTNET_GCHeapHardLimit";

    public JobTickets Tickets { get; } = new(folder);

    /// <param name="after">The back end's name of the job to wait for; null for none.</param>
    /// <exception cref="EngineException">Nothing was started.</exception>
    public async Task<JobTicket> SubmitAsync(IReadOnlyList<int> indices, string? after, CancellationToken cancellationToken)
    {
        var job = new ShardJob
        {
            Name = $"gov-{plan.Id().Hex[..12]}-{Tickets.NextName()}",
            Indices = indices,
            Command = command with
            {
                Arguments = [.. command.Arguments, folder.PlanPath],
                Environment = new Dictionary<string, string>(command.Environment, StringComparer.Ordinal) { [HeapLimit] = HeapLimitOf(plan.Resources) },
            },
            Resources = plan.Resources,
            Folder = folder.Root,
            After = after,
        };
        return Tickets.Write(new JobTicket(engine.Name, job, await engine.SubmitAsync(job, cancellationToken)));
    }

    /// <summary>The managed heap gets what the shard was given less an eighth for the runtime and native buffers: it fails by itself, not by the node's hand.</summary>
    private static string HeapLimitOf(ShardResources resources) => (((long)resources.MemoryMiB << 20) / 8 * 7).ToString("X", CultureInfo.InvariantCulture);
}
