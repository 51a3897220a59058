using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Jobs.Tests.Support;

/// <summary>
/// Ray's Jobs API on one node with GPUs, as it is documented: unknown fields and used submission ids are refused, a job waits until its GPUs
/// are free, and entry points run in a shell. Thread-safe.
/// </summary>
internal sealed class StrictRay : IAsyncDisposable
{
    public const int Gpus = 2;

    private static readonly Schema SubmitSchema = new("""
        {"entrypoint!":"str","submission_id":"str","runtime_env":{"env_vars":"map","working_dir":"str"},"metadata":"map",
         "entrypoint_num_cpus":"num","entrypoint_num_gpus":"num","entrypoint_memory":"int","entrypoint_resources":"map"}
        """);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Job> jobs = [];
    private WebApplication? app;

    /// <summary>Answers to give instead, for all paths.</summary>
    public (int Status, string Body)? Instead { get; set; }

    /// <summary>Submissions that were accepted.</summary>
    public List<JsonObject> Accepted { get; } = [];

    /// <summary>Most jobs that had not ended at any one time.</summary>
    public int MostOpen { get; private set; }

    public Uri Url => new(app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<StrictRay> StartAsync()
    {
        var server = new StrictRay();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        server.app = builder.Build();
        server.app.Run(server.AnswerAsync);
        await server.app.StartAsync();
        return server;
    }

    /// <summary>The head is restarted without storage: nothing is known any more.</summary>
    public void Forget()
    {
        lock (gate)
        {
            foreach (var job in jobs.Values)
            {
                job.Process?.Dispose();
            }

            jobs.Clear();
        }
    }

    /// <summary>The node of the running jobs dies.</summary>
    public void LoseNode()
    {
        lock (gate)
        {
            foreach (var job in jobs.Values.Where(j => j.Status is "RUNNING"))
            {
                job.Process!.Kill();
                job.Lost = true;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Forget();
        await app!.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        (int Status, string Body) answer;
        lock (gate)
        {
            answer = Instead ?? Answer(context.Request.Method, context.Request.Path.Value!, body);
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.Body.StartsWith('{') ? "application/json" : "text/plain";
        await context.Response.WriteAsync(answer.Body);
    }

    private (int, string) Answer(string method, string path, string body)
    {
        Schedule();
        if (path == "/api/jobs/" && method == "POST")
        {
            return Submit(JsonNode.Parse(body)!.AsObject());
        }

        var words = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["api", "jobs", var id, ..])
        {
            return (404, "404: Not Found");
        }

        return !jobs.TryGetValue(id, out var job) ? (404, $"Job {id} does not exist")
            : (method, words.Length == 4 ? words[3] : "") switch
            {
                ("GET", "") => (200, job.Document(id).ToJsonString()),
                ("GET", "logs") => (200, new JsonObject { ["logs"] = job.Process?.Log ?? "" }.ToJsonString()),
                ("POST", "stop") => Stop(job),
                _ => (405, "405: Method Not Allowed"),
            };
    }

    private (int, string) Submit(JsonObject submission)
    {
        if (SubmitSchema.Fault(submission) is { } fault)
        {
            return (400, $"TypeError: JobSubmitRequest: {fault}");
        }

        var id = (string?)submission["submission_id"] ?? "raysubmit_" + Guid.NewGuid().ToString("n")[..16];
        if (jobs.ContainsKey(id))
        {
            return (400, $"ValueError: Job with submission_id {id} already exists. Please use a different submission_id.");
        }

        Accepted.Add(submission);
        jobs[id] = new Job(submission);
        MostOpen = Math.Max(MostOpen, jobs.Values.Count(j => j.Status is "PENDING" or "RUNNING"));
        Schedule();
        return (200, new JsonObject { ["job_id"] = id, ["submission_id"] = id }.ToJsonString());
    }

    private static (int, string) Stop(Job job)
    {
        var stopped = job.Status is "PENDING" or "RUNNING";
        job.Stopped |= stopped;
        job.Process?.Kill();
        return (200, new JsonObject { ["stopped"] = stopped }.ToJsonString());
    }

    /// <summary>Starts what waits, in order of arrival, while its GPUs are free.</summary>
    private void Schedule()
    {
        foreach (var job in jobs.Values.Where(j => j.Status is "PENDING"))
        {
            var used = jobs.Values.Where(j => j.Status is "RUNNING").SelectMany(j => j.Devices).ToList();
            if (used.Count + job.Gpus <= Gpus)
            {
                job.Start([.. Enumerable.Range(0, Gpus).Except(used).Take(job.Gpus)]);
            }
        }
    }

    private sealed class Job(JsonObject submission)
    {
        public ChildProcess? Process { get; private set; }

        public IReadOnlyList<int> Devices { get; private set; } = [];

        public bool Stopped { get; set; }

        public bool Lost { get; set; }

        public int Gpus => (int)((double?)submission["entrypoint_num_gpus"] ?? 0);

        public string Status =>
            Stopped ? "STOPPED"
            : Process is null ? "PENDING"
            : !Process.Exit.IsCompleted ? "RUNNING"
            : Process.Exit.Result == 0 && !Lost ? "SUCCEEDED"
            : "FAILED";

        public void Start(IReadOnlyList<int> devices)
        {
            Devices = devices;
            var variables = (submission["runtime_env"]?["env_vars"]?.AsObject() ?? []).ToDictionary(v => v.Key, v => (string)v.Value!);
            if (devices.Count > 0)
            {
                variables["CUDA_VISIBLE_DEVICES"] = string.Join(',', devices);
            }

            Process = new ChildProcess(["/bin/sh", "-c", (string)submission["entrypoint"]!], variables);
        }

        public JsonObject Document(string id)
        {
            var failed = Status is "FAILED";
            return new JsonObject
            {
                ["type"] = "SUBMISSION",
                ["job_id"] = null,
                ["submission_id"] = id,
                ["status"] = Status,
                ["entrypoint"] = (string?)submission["entrypoint"],
                ["message"] = Lost ? "Job supervisor actor died because its node died." : $"Job is {Status}",
                ["error_type"] = !failed ? null : Lost ? "JOB_SUPERVISOR_ACTOR_DIED" : "JOB_ENTRYPOINT_COMMAND_ERROR",
                ["driver_exit_code"] = Process?.Exit is { IsCompleted: true } exit && !Lost ? JsonValue.Create(exit.Result) : null,
                ["driver_node_id"] = string.Create(CultureInfo.InvariantCulture, $"{1:x56}"),
            };
        }
    }
}
