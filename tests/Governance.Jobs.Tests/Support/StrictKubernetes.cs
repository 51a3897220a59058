using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Jobs.Tests.Support;

/// <summary>
/// An API server, job controller, scheduler and kubelet for Indexed Jobs, as batch/v1 documents them: it refuses what the real one refuses,
/// fills in its defaults, and runs the pods' commands as processes. One namespace, one node. Thread-safe.
/// </summary>
internal sealed class StrictKubernetes : IAsyncDisposable
{
    public const string Namespace = "risk";
    public const string Token = "SECRET-token";
    public const string Image = "registry.example/gov@sha256:1";
    public const string Claim = "jobs";
    public const int Gpus = 2;
    private const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";

    private static readonly Schema JobSchema = new("""
        {"apiVersion!":"str","kind!":"str","metadata!":{"name!":"str","labels":"map","annotations":"map"},
         "spec!":{"completionMode":"str","completions":"int","parallelism":"int","suspend":"bool","backoffLimit":"int","backoffLimitPerIndex":"int","maxFailedIndexes":"int",
          "podReplacementPolicy":"str","activeDeadlineSeconds":"int","ttlSecondsAfterFinished":"int","manualSelector":"bool",
          "podFailurePolicy":{"rules!":[{"action!":"str","onPodConditions":[{"type!":"str","status":"str"}],"onExitCodes":{"containerName":"str","operator!":"str","values!":["int"]}}]},
          "template!":{"metadata":{"labels":"map","annotations":"map"},"spec!":{"restartPolicy":"str","automountServiceAccountToken":"bool","enableServiceLinks":"bool","serviceAccountName":"str",
           "activeDeadlineSeconds":"int","terminationGracePeriodSeconds":"int","nodeSelector":"map","priorityClassName":"str",
           "securityContext":{"runAsNonRoot":"bool","runAsUser":"int","runAsGroup":"int","fsGroup":"int","fsGroupChangePolicy":"str","seccompProfile":{"type!":"str"}},
           "tolerations":[{"key":"str","operator":"str","effect":"str","value":"str"}],
           "volumes":[{"name!":"str","persistentVolumeClaim":{"claimName!":"str","readOnly":"bool"},"emptyDir":{"sizeLimit":"str","medium":"str"}}],
           "containers!":[{"name!":"str","image":"str","command":["str"],"args":["str"],"env":[{"name!":"str","value":"str"}],"resources":{"requests":"map","limits":"map"},
            "securityContext":{"allowPrivilegeEscalation":"bool","readOnlyRootFilesystem":"bool","capabilities":{"drop":["str"],"add":["str"]}},
            "volumeMounts":[{"name!":"str","mountPath!":"str","readOnly":"bool","subPath":"str"}]}]}}}}
        """);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Job> jobs = [];
    private readonly List<Pod> pods = [];
    private readonly CancellationTokenSource stop = new();
    private WebApplication? app;
    private TestAuthority? clients;
    private Task? controller;
    private int serial;

    /// <summary>Answers to give instead, for the paths that start so.</summary>
    public Dictionary<string, (int Status, string Body)> Instead { get; } = [];

    /// <summary>Bodies of the jobs that were accepted.</summary>
    public List<JsonObject> Accepted { get; } = [];

    /// <summary>Jobs that start before the quota is used up.</summary>
    public int JobQuota { get; set; } = int.MaxValue;

    public Uri Url => new(app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <param name="clients">Over HTTPS, who issues the certificates that let clients in without a token; null for HTTP.</param>
    /// <param name="certificate">The server's own.</param>
    public static async Task<StrictKubernetes> StartAsync(TestAuthority? clients = null, X509Certificate2? certificate = null)
    {
        var server = new StrictKubernetes();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                // As the API server does: any client certificate is taken, and one that is not of its authority counts for nothing.
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        server.clients = clients;
        server.app = builder.Build();
        server.app.Run(server.AnswerAsync);
        await server.app.StartAsync();
        server.controller = server.ControlAsync();
        return server;
    }

    /// <summary>Kueue admits the job.</summary>
    public void Resume(string job)
    {
        lock (gate)
        {
            jobs[job].Spec["suspend"] = false;
        }
    }

    /// <summary>The node of the running pods goes away: what the taint manager leaves behind.</summary>
    public void LoseNode()
    {
        lock (gate)
        {
            foreach (var pod in pods.Where(p => p.Phase is "Running"))
            {
                pod.Disrupted = true;
                pod.Process!.Kill();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await controller!;
        await app!.DisposeAsync();
        foreach (var pod in pods)
        {
            pod.Process?.Dispose();
        }

        stop.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var path = context.Request.Path.Value!;
        (int Status, string Body) answer;
        lock (gate)
        {
            answer = context.Request.Headers.Authorization != $"Bearer {Token}" && !(context.Connection.ClientCertificate is { } own && clients?.Issued(own) == true) ? Failure(401, "Unauthorized", "Unauthorized")
                : Instead.FirstOrDefault(i => path.StartsWith(i.Key, StringComparison.Ordinal)).Value is { Body: not null } given ? given
                : Answer(context.Request, path, body);
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = path.EndsWith("/log", StringComparison.Ordinal) ? "text/plain" : "application/json";
        await context.Response.WriteAsync(answer.Body);
    }

    private (int, string) Answer(HttpRequest request, string path, string body)
    {
        var jobsPath = $"/apis/batch/v1/namespaces/{Namespace}/jobs";
        var podsPath = $"/api/v1/namespaces/{Namespace}/pods";
        var name = path.StartsWith(jobsPath + "/", StringComparison.Ordinal) ? path[(jobsPath.Length + 1)..] : path.StartsWith(podsPath + "/", StringComparison.Ordinal) ? path[(podsPath.Length + 1)..] : null;
        if (path == jobsPath && request.Method == "POST")
        {
            return Create(JsonNode.Parse(body)!.AsObject(), request.Query["fieldValidation"] == "Strict");
        }

        if (path.StartsWith(jobsPath, StringComparison.Ordinal) && name is not null)
        {
            return !jobs.TryGetValue(name, out var job) ? Failure(404, "NotFound", $"jobs.batch \"{name}\" not found") : request.Method switch
            {
                "GET" => (200, job.Document().ToJsonString()),
                "PATCH" when request.ContentType?.StartsWith("application/merge-patch+json", StringComparison.Ordinal) == true => Annotate(job, JsonNode.Parse(body)!.AsObject()),
                "PATCH" => Failure(415, "UnsupportedMediaType", "the body of the request was in an unknown format"),
                "DELETE" => Delete(job, JsonNode.Parse(body)!.AsObject()),
                _ => Failure(405, "MethodNotAllowed", "the server does not allow this method"),
            };
        }

        if (path == podsPath && request.Method == "GET")
        {
            return List(request);
        }

        if (name?.EndsWith("/log", StringComparison.Ordinal) == true && request.Method == "GET")
        {
            var logged = pods.Find(p => p.Name == name[..^4]);
            return logged is null ? Failure(404, "NotFound", "no such pod")
                : logged.Process is null ? Failure(400, "BadRequest", "container is waiting to start")
                : (200, logged.Process.Log);
        }

        if (name is not null && request.Method == "DELETE")
        {
            var pod = pods.Find(p => p.Name == name);
            if (pod is null)
            {
                return Failure(404, "NotFound", "no such pod");
            }

            // The Job counts a pod that is deleted as failed, then lets it go.
            pod.Process?.Kill();
            pods.Remove(pod);
            if (pod.Phase is "Pending" or "Running")
            {
                pod.Job.Failed.Add(pod.Index);
            }

            return (200, pod.Document().ToJsonString());
        }

        return Failure(404, "NotFound", "the server could not find the requested resource");
    }

    private (int, string) Create(JsonObject job, bool strict)
    {
        if ((strict ? JobSchema.Fault(job) : "fieldValidation is not Strict: unknown fields would be dropped") is { } fault)
        {
            return Failure(400, "BadRequest", $"strict decoding error: {fault}");
        }

        var name = job["metadata"]!["name"]!.GetValue<string>();
        if (Invalid(job, name) is { } invalid)
        {
            return Failure(422, "Invalid", $"Job.batch \"{name}\" is invalid: {invalid}");
        }

        if (jobs.ContainsKey(name))
        {
            return Failure(409, "AlreadyExists", $"jobs.batch \"{name}\" already exists");
        }

        if (jobs.Count >= JobQuota)
        {
            return Failure(403, "Forbidden", $"jobs.batch \"{name}\" is forbidden: exceeded quota: risk-quota, requested: count/jobs.batch=1, used: count/jobs.batch={jobs.Count}, limited: count/jobs.batch={JobQuota}");
        }

        Accepted.Add(job.DeepClone().AsObject());
        var spec = job["spec"]!.AsObject();
        spec["backoffLimit"] ??= int.MaxValue;
        spec["suspend"] ??= false;
        jobs[name] = new Job(name, job);
        return (201, jobs[name].Document().ToJsonString());
    }

    private static string? Invalid(JsonObject job, string name)
    {
        var spec = job["spec"]!.AsObject();
        var pod = spec["template"]!["spec"]!.AsObject();
        var indexed = (string?)spec["completionMode"] == "Indexed";
        var rules = spec["podFailurePolicy"]?["rules"]!.AsArray() ?? [];
        var volumes = (pod["volumes"]?.AsArray() ?? []).Select(v => (string)v!["name"]!).ToHashSet();
        var container = pod["containers"]!.AsArray().Single()!.AsObject();
        var (requests, limits) = (container["resources"]?["requests"], container["resources"]?["limits"]);
        var labels = (job["metadata"]!["labels"]?.AsObject() ?? []).Concat(spec["template"]!["metadata"]?["labels"]?.AsObject() ?? []);
        return (string?)job["apiVersion"] != "batch/v1" || (string?)job["kind"] != "Job" ? "apiVersion, kind"
            : !Regex.IsMatch(name, "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$") ? "metadata.name: must be a DNS label"
            : labels.Any(l => !Regex.IsMatch((string)l.Value!, "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$") || !Regex.IsMatch(l.Key, "^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")) ? "metadata.labels"
            : indexed && (spec["completions"] is null || spec["parallelism"] is null) ? "spec.completions: Required value: when completion mode is Indexed"
            : indexed && name.Length + 1 + ((int)spec["completions"]! - 1).ToString(CultureInfo.InvariantCulture).Length > 63 ? "metadata.name: pod host names would be too long"
            : !indexed && spec["backoffLimitPerIndex"] is not null ? "spec.backoffLimitPerIndex: requires indexed completion mode"
            : (string?)pod["restartPolicy"] is not ("Never" or "OnFailure") ? "spec.template.spec.restartPolicy: Required value"
            : rules.Count > 0 && (string?)pod["restartPolicy"] != "Never" ? "spec.template.spec.restartPolicy: only Never with podFailurePolicy"
            : rules.Count > 0 && (string?)spec["podReplacementPolicy"] is not (null or "Failed") ? "spec.podReplacementPolicy: only Failed with podFailurePolicy"
            : rules.Any(r => (string?)r!["action"] is not ("Ignore" or "FailIndex" or "FailJob" or "Count")) ? "podFailurePolicy.rules.action: Unsupported value"
            : rules.Any(r => (r!["onExitCodes"] is null) == (r["onPodConditions"] is null)) ? "podFailurePolicy.rules: exactly one of onExitCodes and onPodConditions"
            : rules.Any(r => (string?)r!["action"] == "FailIndex") && spec["backoffLimitPerIndex"] is null ? "FailIndex requires backoffLimitPerIndex"
            : rules.Select(r => r!["onExitCodes"]).OfType<JsonObject>().Any(c => (string?)c["operator"] is not ("In" or "NotIn") || !Ordered(c["values"]!.AsArray()) || c["containerName"] is { } n && (string?)n != (string?)container["name"]) ? "onExitCodes.values: must be ordered, unique, not 0"
            : container["image"] is null ? "containers[0].image: Required value"
            : (container["volumeMounts"]?.AsArray() ?? []).Any(m => !volumes.Contains((string)m!["name"]!)) ? "containers[0].volumeMounts: Not found"
            : limits?["nvidia.com/gpu"] is null && requests?["nvidia.com/gpu"] is not null ? "resources.limits: Required value: Limit must be set for non overcommitable resources"
            : requests?["nvidia.com/gpu"] is { } gpu && (string?)gpu != (string?)limits!["nvidia.com/gpu"] ? "resources.requests: must be equal to nvidia.com/gpu limit"
            : null;
    }

    private static bool Ordered(JsonArray values) =>
        values.Count is > 0 and <= 255 && values.All(v => (int)v! != 0) && values.Zip(values.Skip(1)).All(p => (int)p.First! < (int)p.Second!);

    private static (int, string) Annotate(Job job, JsonObject patch)
    {
        var metadata = job.Body["metadata"]!.AsObject();
        metadata["annotations"] ??= new JsonObject();
        foreach (var (name, value) in patch["metadata"]!["annotations"]!.AsObject())
        {
            metadata["annotations"]![name] = value!.DeepClone();
        }

        return (200, job.Document().ToJsonString());
    }

    private (int, string) Delete(Job job, JsonObject options)
    {
        jobs.Remove(job.Name);

        // Without propagation the pods of a job are orphaned: they run on.
        if ((string?)options["propagationPolicy"] is "Background" or "Foreground")
        {
            foreach (var pod in pods.Where(p => p.Job == job))
            {
                pod.Process?.Kill();
            }

            pods.RemoveAll(p => p.Job == job);
        }

        return (200, """{"kind":"Status","apiVersion":"v1","status":"Success"}""");
    }

    /// <summary>In pages, as the limit asks.</summary>
    private (int, string) List(HttpRequest request)
    {
        var wanted = ((string?)request.Query["labelSelector"] ?? "").Split(',').Select(s => s.Split('=')).ToList();
        var found = pods.Where(p => wanted.All(w => w[0] == "batch.kubernetes.io/job-name" ? p.Job.Name == w[1] : p.Index.ToString(CultureInfo.InvariantCulture) == w[1])).ToList();
        var from = int.TryParse(request.Query["continue"], CultureInfo.InvariantCulture, out var at) ? at : 0;
        var limit = Math.Min(int.Parse(request.Query["limit"]!, CultureInfo.InvariantCulture), 3);
        var next = from + limit < found.Count ? (from + limit).ToString(CultureInfo.InvariantCulture) : "";
        return (200, new JsonObject
        {
            ["kind"] = "PodList",
            ["metadata"] = new JsonObject { ["continue"] = next },
            ["items"] = new JsonArray([.. found.Skip(from).Take(limit).Select(p => p.Document())]),
        }.ToJsonString());
    }

    private static (int, string) Failure(int status, string reason, string message) =>
        (status, new JsonObject { ["kind"] = "Status", ["status"] = "Failure", ["reason"] = reason, ["message"] = message, ["code"] = status }.ToJsonString());

    private async Task ControlAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (await tick.WaitForNextTickAsync(stop.Token))
            {
                lock (gate)
                {
                    foreach (var job in jobs.Values)
                    {
                        Control(job);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Control(Job job)
    {
        var mine = pods.Where(p => p.Job == job).ToList();
        foreach (var pod in mine)
        {
            Advance(pod);
        }

        if ((bool)job.Spec["suspend"]!)
        {
            return;
        }

        var active = mine.Where(p => p.Phase is "Pending" or "Running").ToList();
        for (var index = 0; index < job.Completions && active.Count < (int)job.Spec["parallelism"]!; index++)
        {
            if (!job.Succeeded.Contains(index) && !job.Failed.Contains(index) && active.TrueForAll(p => p.Index != index))
            {
                var pod = new Pod(job, index, ++serial);
                active.Add(pod);
                pods.Add(pod);
            }
        }
    }

    private void Advance(Pod pod)
    {
        if (pod.Phase is "Pending")
        {
            var used = pods.Where(p => p.Phase is "Running").Sum(p => p.Gpus);
            pod.Unschedulable = (string?)pod.Job.Pod["volumes"]!.AsArray().Select(v => v!["persistentVolumeClaim"]?["claimName"]).FirstOrDefault(c => c is not null) != Claim ? "persistentvolumeclaim not found"
                : used + pod.Gpus > Gpus ? "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."
                : null;
            pod.Scheduled = pod.Unschedulable is null;
            if (pod.Scheduled && (string?)pod.Container["image"] == Image)
            {
                pod.Start(Enumerable.Range(0, Gpus).Except(pods.SelectMany(p => p.Phase is "Running" ? p.Devices : [])).Take(pod.Gpus));
            }
        }
        else if (pod.Phase is "Running" && pod.Process!.Exit is { IsCompleted: true, Result: var code })
        {
            pod.Phase = code == 0 && !pod.Disrupted ? "Succeeded" : "Failed";
            if (pod.Phase is "Succeeded")
            {
                pod.Job.Succeeded.Add(pod.Index);
            }
            else if (!pod.Disrupted)
            {
                // backoffLimitPerIndex 0: the first failure is the last. The disruption is ignored, by the first rule.
                pod.Job.Failed.Add(pod.Index);
            }
        }
        else if (pod.Phase is "Running" && pod.HasExpired)
        {
            pod.DeadlineExceeded = true;
            pod.Process!.Kill();
        }
    }

    /// <summary>Expands <c>$(NAME)</c> and <c>$$</c> as the kubelet does.</summary>
    private static string Expand(string text, Dictionary<string, string> variables)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && text.IndexOf(')', i) is > 0 and var end)
            {
                var name = text[(i + 2)..end];
                result.Append(variables.GetValueOrDefault(name, $"$({name})"));
                i = end;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    private sealed class Job(string name, JsonObject body)
    {
        public string Name => name;

        public JsonObject Body => body;

        public JsonObject Spec => body["spec"]!.AsObject();

        public JsonObject Pod => Spec["template"]!["spec"]!.AsObject();

        public int Completions => (int)Spec["completions"]!;

        public SortedSet<int> Succeeded { get; } = [];

        public SortedSet<int> Failed { get; } = [];

        public JsonObject Document()
        {
            var document = body.DeepClone().AsObject();
            document["status"] = new JsonObject { ["completedIndexes"] = Ranges(Succeeded), ["failedIndexes"] = Ranges(Failed), ["succeeded"] = Succeeded.Count };
            if (Succeeded.Count + Failed.Count == Completions)
            {
                document["status"]!["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = Failed.Count == 0 ? "Complete" : "Failed", ["status"] = "True", ["reason"] = Failed.Count == 0 ? "CompletionsReached" : "FailedIndexes", ["message"] = "Job has ended",
                });
            }

            return document;
        }

        /// <summary>Three or more in a row as a range, as the job controller writes them.</summary>
        private static string Ranges(SortedSet<int> set) => string.Join(',', set.Where(i => !set.Contains(i - 1)).SelectMany(first =>
        {
            var last = first;
            while (set.Contains(last + 1))
            {
                last++;
            }

            return last - first > 1 ? [$"{first}-{last}"] : Enumerable.Range(first, last - first + 1).Select(i => i.ToString(CultureInfo.InvariantCulture));
        }));
    }

    private sealed class Pod(Job job, int index, int number)
    {
        private long startedAt;

        public Job Job => job;

        public int Index => index;

        public string Name { get; } = $"{job.Name}-{index}-{number:x5}";

        public string Phase { get; set; } = "Pending";

        public string? Unschedulable { get; set; }

        /// <summary>A node was found: only then there are containers.</summary>
        public bool Scheduled { get; set; }

        public bool Disrupted { get; set; }

        public bool DeadlineExceeded { get; set; }

        public ChildProcess? Process { get; private set; }

        public IReadOnlyList<int> Devices { get; private set; } = [];

        public JsonObject Container => job.Pod["containers"]![0]!.AsObject();

        public int Gpus => Container["resources"]?["limits"]?["nvidia.com/gpu"] is { } gpus ? int.Parse((string)gpus!, CultureInfo.InvariantCulture) : 0;

        public bool HasExpired => job.Pod["activeDeadlineSeconds"] is { } limit && System.Diagnostics.Stopwatch.GetElapsedTime(startedAt).TotalSeconds > (long)limit;

        public void Start(IEnumerable<int> devices)
        {
            Devices = [.. devices];
            var environment = new Dictionary<string, string>();
            foreach (var variable in Container["env"]!.AsArray())
            {
                environment[(string)variable!["name"]!] = Expand((string)variable["value"]!, environment);
            }

            var words = Container["command"]!.AsArray().Concat(Container["args"]!.AsArray()).Select(w => Expand((string)w!, environment)).ToList();
            environment["JOB_COMPLETION_INDEX"] = index.ToString(CultureInfo.InvariantCulture);
            if (Devices.Count > 0)
            {
                environment["NVIDIA_VISIBLE_DEVICES"] = string.Join(',', Devices);
            }

            Process = new ChildProcess(words, environment);
            startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
            Phase = "Running";
        }

        public JsonObject Document()
        {
            var conditions = new JsonArray();
            if (Unschedulable is { } why)
            {
                conditions.Add(new JsonObject { ["type"] = "PodScheduled", ["status"] = "False", ["reason"] = "Unschedulable", ["message"] = why });
            }

            if (Disrupted)
            {
                conditions.Add(new JsonObject { ["type"] = "DisruptionTarget", ["status"] = "True", ["reason"] = "DeletionByTaintManager" });
            }

            var status = new JsonObject { ["phase"] = Phase, ["conditions"] = conditions };
            if (DeadlineExceeded)
            {
                status["reason"] = "DeadlineExceeded";
            }

            if (Scheduled)
            {
                status["containerStatuses"] = new JsonArray(new JsonObject { ["name"] = (string?)Container["name"], ["state"] = State() });
            }

            return new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = Name, ["creationTimestamp"] = $"2026-01-01T00:00:00.{number:000000}Z", ["annotations"] = new JsonObject { [IndexAnnotation] = index.ToString(CultureInfo.InvariantCulture) } },
                ["spec"] = Scheduled ? new JsonObject { ["nodeName"] = "node-1" } : new JsonObject(),
                ["status"] = status,
            };
        }

        private JsonObject State() => Phase switch
        {
            "Pending" => new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "ImagePullBackOff", ["message"] = $"Back-off pulling image \"{(string?)Container["image"]}\": not found" } },
            "Running" => new JsonObject { ["running"] = new JsonObject() },
            _ => new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = Process!.Exit.Result, ["reason"] = Phase is "Succeeded" ? "Completed" : "Error" } },
        };
    }
}
