using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Jobs.Engines.Slurm;

/// <summary>Slurm over slurmrestd with a JWT. Reads the forms of v0.0.38 and of later versions. Thread-safe.</summary>
internal sealed class SlurmRest : ISlurm, IDisposable
{
    private const int MaxAnswerBytes = 64 << 20;
    private readonly SlurmOptions options;
    private readonly SlurmRestOptions rest;
    private readonly HttpClient http;

    public SlurmRest(SlurmOptions options, SlurmRestOptions rest)
    {
        this.options = options;
        this.rest = rest;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            BaseAddress = new Uri(rest.Url, $"/slurm/{rest.Version}/"),
            Timeout = options.Timeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
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
        return jobs.Where(j => Text(j["name"]) == name).Select(j => Number(j["array_job_id"]) is > 0 and var array ? array : Number(j["job_id"]))
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
                tasks[index] = new SlurmTask(index, state, status, Text(job["state_reason"]), Text(job["nodes"]));
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

    private async Task<IReadOnlyList<JsonObject>> JobsAsync(string path, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Get, path, null, cancellationToken, unknownIsFine: true))["jobs"] is JsonArray jobs ? [.. jobs.OfType<JsonObject>()] : [];

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken, bool unknownIsFine = false)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Content(body) };
        request.Headers.Add("X-SLURM-USER-NAME", rest.User);
        request.Headers.Add("X-SLURM-USER-TOKEN", await TokenAsync(cancellationToken));
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var answer = await ReadAsync(response, cancellationToken);
            return response.IsSuccessStatusCode || (unknownIsFine && IsUnknownJob(answer)) ? answer : throw Refusal(response.StatusCode, answer);
        }
        catch (HttpRequestException e)
        {
            throw new EngineException(EngineFault.Unreachable, $"slurmrestd at {rest.Url.Host} cannot be reached ({e.HttpRequestError}).", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException(EngineFault.Unreachable, $"slurmrestd at {rest.Url.Host} did not answer within {options.Timeout.TotalSeconds:0} s.", e);
        }
    }

    /// <summary>With a length: slurmrestd reads no chunks.</summary>
    private static StringContent Content(JsonObject body) => new(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));

    private static EngineException Refusal(HttpStatusCode status, JsonObject answer) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(EngineFault.Refused, "slurmrestd refuses the token: renew it."),
        HttpStatusCode.InternalServerError when Errors(answer) is { } error => new(EngineFault.Refused, $"slurmrestd: {error}"),
        _ => new(EngineFault.Unreachable, $"slurmrestd answers {(int)status}: {Errors(answer) ?? "no reason given"}"),
    };

    private async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(rest.TokenFile, cancellationToken)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException(EngineFault.Refused, "The file of slurmrestd's token cannot be read.", e);
        }
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken) ?? [];
        }
        catch (JsonException)
        {
            // Not JSON: an error page, or a broken answer. The status says the rest.
            return response.IsSuccessStatusCode ? throw new EngineException(EngineFault.Unreachable, "slurmrestd's answer is not JSON.") : [];
        }
    }

    /// <summary>Waiting elements share one record, which names them as ranges; the others have one each.</summary>
    private static IEnumerable<int> Indices(JsonObject job) =>
        Text(job["array_task_string"]) is { Length: > 0 } ranges ? IndexRanges.Read(ranges.Split('%')[0], most: 1_000_000)
        : Number(job["array_task_id"]) is { } index ? [(int)index]
        : [];

    private static string State(JsonNode? node) => Text(node is JsonArray { Count: > 0 } states ? states[0] : node) ?? "";

    private static int? WaitStatus(JsonNode? node) => node is JsonObject { } later && later["return_code"] is { } code
        ? (int?)((Number(code) << 8) | (later["signal"] is JsonObject signal ? Number(signal["id"]) ?? Number(signal["signal_id"]) ?? 0 : 0))
        : (int?)Number(node);

    private static bool IsUnknownJob(JsonObject answer) =>
        answer["errors"] is JsonArray errors && errors.OfType<JsonObject>().Any(e => Number(e["error_number"]) == 2017 || Number(e["errno"]) == 2017);

    private static string? Errors(JsonObject answer) =>
        answer["errors"] is JsonArray { Count: > 0 } errors
            ? string.Join("; ", errors.OfType<JsonObject>().Select(e => Text(e["description"]) ?? Text(e["error"])).OfType<string>().Take(3))
            : null;

    private static void Set(JsonObject json, string name, string? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>A number, plain or as <c>{"set": true, "number": 1}</c>.</summary>
    private static long? Number(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        JsonObject { } wrapped when wrapped["set"] is JsonValue set && set.TryGetValue<bool>(out var isSet) && isSet => Number(wrapped["number"]),
        _ => null,
    };
}
