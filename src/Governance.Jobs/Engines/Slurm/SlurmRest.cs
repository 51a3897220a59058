using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Governance.Jobs.Engines.Slurm;

/// <summary>Slurm over slurmrestd with a JWT. Reads the forms of v0.0.38 and of later versions. Thread-safe.</summary>
internal sealed class SlurmRest : ISlurm, IDisposable
{
    private readonly SlurmOptions options;
    private readonly RestClient http;

    public SlurmRest(SlurmOptions options, SlurmRestOptions rest)
    {
        this.options = options;
        http = new RestClient(
            "slurmrestd",
            new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) },
            new Uri(rest.Url, $"/slurm/{rest.Version}/"),
            options.Timeout,
            async cancellationToken => await TokenFile.ReadAsync(rest.TokenFile, "slurmrestd's token", cancellationToken),
            (headers, token) =>
            {
                headers.TryAddWithoutValidation("X-SLURM-USER-NAME", rest.User);
                headers.TryAddWithoutValidation("X-SLURM-USER-TOKEN", token);
            });
    }

    public async Task<string> SubmitAsync(ShardJob job, string script, CancellationToken cancellationToken)
    {
        var resources = job.Resources;
        var description = new JsonObject
        {
            ["name"] = job.Name,
            ["array"] = SlurmScript.Array(job),
            ["standard_output"] = SlurmScript.LogPattern(job),
            ["current_working_directory"] = "/",
            ["environment"] = new JsonObject { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" },
            ["time_limit"] = resources.Minutes,
            ["memory_per_node"] = resources.MemoryMiB,
            ["cpus_per_task"] = resources.Cpus,
            ["requeue"] = true,
        };
        Set(description, "dependency", SlurmScript.Dependency(job));
        Set(description, "gres", resources.Gpus > 0 ? string.Create(CultureInfo.InvariantCulture, $"gpu:{resources.Gpus}") : null);
        Set(description, "partition", options.Partition);
        Set(description, "account", options.Account);
        Set(description, "qos", options.Qos);
        var answer = await SendAsync(HttpMethod.Post, "job/submit", new JsonObject { ["script"] = script, ["job"] = description }, cancellationToken);
        return Number(answer["job_id"]) is { } id and > 0
            ? id.ToString(CultureInfo.InvariantCulture)
            : throw new EngineException(EngineFault.Refused, $"slurmrestd: {Errors(answer) ?? "the answer names no job"}");
    }

    public async Task<string?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var jobs = await JobsAsync("jobs", cancellationToken);
        return jobs.Where(j => Json.Text(j, "name") == name).Select(j => Number(j["array_job_id"]) is > 0 and var array ? array : Number(j["job_id"]))
            .FirstOrDefault(id => id is > 0)?.ToString(CultureInfo.InvariantCulture);
    }

    public async Task<IReadOnlyList<SlurmTask>> TasksAsync(string id, CancellationToken cancellationToken)
    {
        var tasks = new Dictionary<int, SlurmTask>();
        foreach (var job in await JobsAsync($"job/{id}", cancellationToken))
        {
            var (state, status) = (State(job["job_state"]), WaitStatus(job["exit_code"]));
            foreach (var index in Indices(job))
            {
                tasks[index] = new SlurmTask(index, state, status, Json.Text(job, "state_reason"), Json.Text(job, "nodes"));
            }
        }

        return [.. tasks.Values];
    }

    public async Task CancelAsync(string id, IReadOnlyCollection<int>? indices, CancellationToken cancellationToken)
    {
        IEnumerable<string> targets = indices is null ? [id] : indices.Select(i => string.Create(CultureInfo.InvariantCulture, $"{id}_{i}"));
        foreach (var target in targets)
        {
            await SendAsync(HttpMethod.Delete, $"job/{target}", null, cancellationToken, unknownIsFine: true);
        }
    }

    public void Dispose() => http.Dispose();

    /// <exception cref="EngineException">There is no list in the answer: what it does not say is not known, and is asked for again.</exception>
    private async Task<IReadOnlyList<JsonObject>> JobsAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, path, null, cancellationToken, unknownIsFine: true);
        return answer["jobs"] is JsonArray || IsUnknownJob(answer)
            ? [.. Json.List(answer, "jobs")]
            : throw new EngineException(EngineFault.Unreachable, "slurmrestd's answer has no list of jobs.");
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken, bool unknownIsFine = false)
    {
        var answer = await http.SendAsync(method, path, body, cancellationToken);
        return answer.IsSuccess || (unknownIsFine && IsUnknownJob(answer.Body)) ? answer.Body : throw Refusal(answer.Status, answer.Body);
    }

    private static EngineException Refusal(HttpStatusCode status, JsonObject answer) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(EngineFault.Refused, "slurmrestd refuses the token: renew it."),
        HttpStatusCode.InternalServerError when Errors(answer) is { } error => new(EngineFault.Refused, $"slurmrestd: {error}"),
        _ => new(EngineFault.Unreachable, $"slurmrestd answers {(int)status}: {Errors(answer) ?? "no reason given"}"),
    };

    /// <summary>Waiting elements share one record, which names them as ranges; the others have one each.</summary>
    private static IEnumerable<int> Indices(JsonObject job) =>
        Json.Text(job, "array_task_string") is { Length: > 0 } ranges ? IndexRanges.Read(ranges.Split('%')[0], most: 1_000_000)
        : Number(job["array_task_id"]) is { } index ? [(int)index]
        : [];

    private static string State(JsonNode? node) => Json.Text(node is JsonArray { Count: > 0 } states ? states[0] : node) ?? "";

    private static int? WaitStatus(JsonNode? node) => node is JsonObject { } later && later["return_code"] is { } code
        ? (int?)((Number(code) << 8) | (later["signal"] is JsonObject signal ? Number(signal["id"]) ?? Number(signal["signal_id"]) ?? 0 : 0))
        : (int?)Number(node);

    private static bool IsUnknownJob(JsonObject answer) =>
        Json.List(answer, "errors").Any(e => Number(e["error_number"]) == 2017 || Number(e["errno"]) == 2017);

    private static string? Errors(JsonObject answer) =>
        answer["errors"] is JsonArray { Count: > 0 } errors
            ? string.Join("; ", errors.OfType<JsonObject>().Select(e => Json.Text(e, "description") ?? Json.Text(e, "error")).OfType<string>().Take(3))
            : null;

    private static void Set(JsonObject json, string name, string? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    /// <summary>A number, plain or as <c>{"set": true, "number": 1}</c>.</summary>
    private static long? Number(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        JsonObject { } wrapped when wrapped["set"] is JsonValue set && set.TryGetValue<bool>(out var isSet) && isSet => Number(wrapped["number"]),
        _ => null,
    };
}
