using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace Governance.Jobs.Engines.Ray;

/// <summary>
/// Runs each shard as a job of Ray's Jobs API. Ray fails what waits in it for long, so shards are handed over as others end: those not handed
/// over yet are known to this process only, and are handed over by the poll that follows. After a restart of the gateway, what Ray knows is
/// found again by its id; what it does not know is handed over again. Thread-safe.
/// </summary>
public sealed class RayEngine : IShardEngine, IDisposable
{
    private readonly RayOptions options;
    private readonly RestClient rest;
    private readonly ConcurrentDictionary<string, Job> jobs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim turn = new(1);

    public RayEngine(RayOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slots, 1, nameof(options));
        this.options = options;
        rest = new RestClient(
            "Ray", new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, options.Url, options.Timeout, TokenAsync);
    }

    public string Name => "ray";

    public int Slots => options.Slots;

    public TimeSpan PollInterval => options.PollInterval;

    public async Task<string> SubmitAsync(ShardJob job, CancellationToken cancellationToken)
    {
        if (job.Resources.Gpus > options.MaxGpus)
        {
            throw new EngineException(EngineFault.Refused, $"A shard asks for {job.Resources.Gpus} GPUs; a node of the cluster has at most {options.MaxGpus}.");
        }

        await turn.WaitAsync(cancellationToken);
        try
        {
            await AdvanceAsync(job, Known(job), cancellationToken);
        }
        finally
        {
            turn.Release();
        }

        return job.Name;
    }

    public async Task<IReadOnlyList<ShardState>> PollAsync(ShardJob job, string ticket, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var known = Known(job);
            foreach (var index in job.Indices.Where(i => known.States.TryGetValue(i, out var state) ? !state.HasEnded : known.IsInherited))
            {
                var answer = await rest.SendAsync(HttpMethod.Get, Path(job, index), null, cancellationToken);
                if (answer.Status is not HttpStatusCode.NotFound)
                {
                    known.States[index] = RayStates.Read(index, Require(answer).Body, job);
                }
                else if (known.States.ContainsKey(index))
                {
                    known.States[index] = new ShardState(index, ShardPhase.Lost, Reason: "Ray no longer knows the shard: was its head restarted?");
                }
            }

            known.IsInherited = false;
            await AdvanceAsync(job, known, cancellationToken);
            return [.. job.Indices.Select(i => known.States.GetValueOrDefault(i) ?? new ShardState(i, ShardPhase.Queued))];
        }
        finally
        {
            turn.Release();
        }
    }

    public async Task CancelAsync(ShardJob job, string ticket, IReadOnlyCollection<int>? indices, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var known = Known(job);
            foreach (var index in indices ?? job.Indices)
            {
                if (known.States.TryGetValue(index, out var state) ? state.HasEnded : !known.IsInherited)
                {
                    known.States.TryAdd(index, new ShardState(index, ShardPhase.Cancelled));
                    continue;
                }

                var answer = await rest.SendAsync(HttpMethod.Post, Path(job, index) + "/stop", null, cancellationToken);
                if (answer.Status is HttpStatusCode.NotFound)
                {
                    known.States[index] = new ShardState(index, ShardPhase.Cancelled);
                }
                else if (!answer.IsSuccess && answer.Status is not HttpStatusCode.BadRequest)
                {
                    // 400: it has ended since.
                    throw Fault(answer);
                }
            }
        }
        finally
        {
            turn.Release();
        }
    }

    public async Task<string> LogAsync(ShardJob job, string ticket, int index, CancellationToken cancellationToken)
    {
        if (!job.Indices.Contains(index))
        {
            return "";
        }

        var answer = await rest.SendAsync(HttpMethod.Get, Path(job, index) + "/logs", null, cancellationToken);
        if (answer.Status is HttpStatusCode.NotFound)
        {
            return "";
        }

        var log = Json.Text(Require(answer).Body, "logs") ?? "";
        return log.Length <= ShardLog.MaxBytes ? log : log[^ShardLog.MaxBytes..];
    }

    public void Dispose()
    {
        rest.Dispose();
        turn.Dispose();
    }

    private static string Path(ShardJob job, int index) => $"/api/jobs/{RaySubmission.Id(job, index)}";

    private Job Known(ShardJob job) => jobs.GetOrAdd(job.Name, _ => new Job());

    /// <summary>Hands over shards while the window has room.</summary>
    private async Task AdvanceAsync(ShardJob job, Job known, CancellationToken cancellationToken)
    {
        foreach (var index in job.Indices.Where(i => !known.States.ContainsKey(i)))
        {
            if (known.Open >= (job.MaxParallel ?? int.MaxValue) || jobs.Values.Sum(j => j.Open) >= Slots)
            {
                return;
            }

            var answer = await rest.SendAsync(HttpMethod.Post, "/api/jobs/", RaySubmission.Of(job, index), cancellationToken);
            if (!answer.IsSuccess && !await IsThereAsync(job, index, cancellationToken))
            {
                throw Fault(answer);
            }

            known.States[index] = new ShardState(index, ShardPhase.Queued);
        }
    }

    /// <summary>Ray refuses an id it has with the same status as anything else.</summary>
    private async Task<bool> IsThereAsync(ShardJob job, int index, CancellationToken cancellationToken) =>
        (await rest.SendAsync(HttpMethod.Get, Path(job, index), null, cancellationToken)).IsSuccess;

    private async Task<string?> TokenAsync(CancellationToken cancellationToken) =>
        options.TokenFile is { } file ? await TokenFile.ReadAsync(file, "Ray's token", cancellationToken) : null;

    private static RestAnswer Require(RestAnswer answer) => answer.IsSuccess ? answer : throw Fault(answer);

    private static EngineException Fault(RestAnswer answer) => answer.Status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(EngineFault.Refused, "Ray refuses the credentials: renew the token."),
        HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new(EngineFault.Unreachable, $"Ray answers {(int)answer.Status}."),
        _ => new(EngineFault.Refused, $"Ray answers {(int)answer.Status}: is this its dashboard, of version 2?"),
    };

    /// <summary>What is known of a job's shards; one that is missing was not handed over.</summary>
    private sealed class Job
    {
        public Dictionary<int, ShardState> States { get; } = [];

        /// <summary>Nothing was asked yet: an earlier process may have handed over any of them.</summary>
        public bool IsInherited { get; set; } = true;

        public int Open => States.Values.Count(s => !s.HasEnded);
    }
}
