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

    /// <summary>The plan is done: tasks whose shards others went on with, and which wait still, are not needed.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var ticket in engine.Chains ? Tickets.Open().Where(t => t.Engine == engine.Name) : [])
            {
                var waiting = (await engine.PollAsync(ticket.Job, ticket.Ticket, cancellationToken)).Where(s => s.Phase is ShardPhase.Queued).Select(s => s.Index).ToList();
                if (waiting.Count > 0)
                {
                    await engine.CancelAsync(ticket.Job, ticket.Ticket, waiting.Count == ticket.Job.Indices.Count ? null : waiting, cancellationToken);
                }
            }
        }
        catch (EngineException)
        {
            // They find everything computed, and end.
        }

        Tickets.Close(_ => true);
    }

    /// <summary>Tasks of the jobs handed in so far take no further shards.</summary>
    public void EndGoingOn()
    {
        foreach (var ticket in Tickets.Open().Where(t => t.Job.Command.Environment.ContainsKey(ShardCommand.JobVariable)))
        {
            folder.Claims(ticket.Job.Name).End();
        }
    }

    /// <param name="after">The back end's name of the job to wait for; null for none.</param>
    /// <param name="goOn">Whether tasks that are done go on with other shards of the job and of the next stages.</param>
    /// <exception cref="EngineException">Nothing was started.</exception>
    public async Task<JobTicket> SubmitAsync(IReadOnlyList<int> indices, string? after, bool goOn, CancellationToken cancellationToken)
    {
        var name = $"gov-{plan.Id().Hex[..12]}-{Tickets.NextName()}";
        var environment = new Dictionary<string, string>(command.Environment, StringComparer.Ordinal) { [HeapLimit] = HeapLimitOf(plan.Resources) };
        if (goOn)
        {
            environment[ShardCommand.JobVariable] = name;
            environment[ShardCommand.JobIndicesVariable] = IndexRanges.Write(indices);
        }

        var job = new ShardJob
        {
            Name = name,
            Indices = indices,
            Command = command with
            {
                Arguments = [.. command.Arguments, folder.PlanPath],
                Environment = environment,
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
