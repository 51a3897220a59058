using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Governance.Jobs.Engines.Kubernetes;

/// <summary>
/// Runs shards as the pods of Indexed Jobs, over the API server's REST interface. A job's name is its ticket, so that submitting twice starts
/// once. Needs only what <c>deploy/kubernetes/role.yaml</c> grants in one namespace. Thread-safe.
/// </summary>
public sealed class KubernetesEngine : IShardEngine, IDisposable
{
    private const string CancelledPrefix = "cancelled.governance/";
    private const int PodsPerPage = 500;
    private readonly KubernetesOptions options;
    private readonly TimeProvider time;
    private readonly RestClient rest;
    private readonly ConcurrentDictionary<string, bool> deleted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> withoutImage = new(StringComparer.Ordinal);

    public KubernetesEngine(KubernetesOptions options, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slots, 1, nameof(options));
        (this.options, this.time) = (options, time);
        rest = new RestClient("Kubernetes", Handler(options.Access), options.Access.Server, options.Timeout, options.Access.TokenAsync);
    }

    public string Name => "kubernetes";

    public int Slots => options.Slots;

    public TimeSpan PollInterval => options.PollInterval;

    public async Task<string> SubmitAsync(ShardJob job, CancellationToken cancellationToken)
    {
        if (job.Resources.Gpus > options.MaxGpus)
        {
            throw new EngineException(EngineFault.Refused, $"A shard asks for {job.Resources.Gpus} GPUs; a node of the cluster has at most {options.MaxGpus}.");
        }

        // Strict: a field that this API server does not know is refused, not dropped.
        var answer = await rest.SendAsync(HttpMethod.Post, $"{Jobs}?fieldValidation=Strict", JobManifest.Of(job, options), cancellationToken);
        return answer.IsSuccess || answer.Status is HttpStatusCode.Conflict ? job.Name : throw Fault(answer);
    }

    public async Task<IReadOnlyList<ShardState>> PollAsync(ShardJob job, string ticket, CancellationToken cancellationToken)
    {
        var answer = await rest.SendAsync(HttpMethod.Get, $"{Jobs}/{ticket}", null, cancellationToken);
        if (answer.Status is HttpStatusCode.NotFound)
        {
            return [.. job.Indices.Select(i => deleted.ContainsKey(ticket)
                ? new ShardState(i, ShardPhase.Cancelled)
                : new ShardState(i, ShardPhase.Lost, Reason: "Kubernetes no longer has the job."))];
        }

        Require(answer);
        var view = new JobView(job, answer.Body, await PodsAsync($"batch.kubernetes.io/job-name={ticket}", cancellationToken), Cancelled(answer.Body));
        var states = view.States();
        await StopCancelledAsync(view, cancellationToken);
        await GiveUpWithoutImageAsync(ticket, states, cancellationToken);
        return states;
    }

    public async Task CancelAsync(ShardJob job, string ticket, IReadOnlyCollection<int>? indices, CancellationToken cancellationToken)
    {
        if (indices is null)
        {
            deleted[ticket] = true;
            await DeleteAsync($"{Jobs}/{ticket}", cancellationToken);
            return;
        }

        // Kubernetes cannot stop one index. It is marked, which survives a restart of the gateway, and its pod is deleted: with no retries left that ends it.
        var marks = new JsonObject(indices.Select(i => KeyValuePair.Create<string, JsonNode?>(string.Create(CultureInfo.InvariantCulture, $"{CancelledPrefix}{i}"), "true")));
        var answer = await rest.SendAsync(
            HttpMethod.Patch, $"{Jobs}/{ticket}", new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = marks } }, cancellationToken, "application/merge-patch+json");
        if (answer.Status is HttpStatusCode.NotFound)
        {
            return;
        }

        Require(answer);
        await StopCancelledAsync(new JobView(job, answer.Body, await PodsAsync($"batch.kubernetes.io/job-name={ticket}", cancellationToken), Cancelled(answer.Body)), cancellationToken);
    }

    public async Task<string> LogAsync(ShardJob job, string ticket, int index, CancellationToken cancellationToken)
    {
        var completion = Enumerable.Range(0, job.Indices.Count).FirstOrDefault(i => job.Indices[i] == index, -1);
        if (completion < 0)
        {
            return "";
        }

        var pods = await PodsAsync(string.Create(CultureInfo.InvariantCulture, $"batch.kubernetes.io/job-name={ticket},batch.kubernetes.io/job-completion-index={completion}"), cancellationToken);
        return JobView.Latest(pods) is { } pod && Json.Text(pod, "metadata", "name") is { } name
            ? await rest.TailAsync($"{Pods}/{name}/log?container={JobManifest.Container}&tailLines=2000", cancellationToken) ?? ""
            : "";
    }

    public void Dispose() => rest.Dispose();

    private string Jobs => $"/apis/batch/v1/namespaces/{options.Access.Namespace}/jobs";

    private string Pods => $"/api/v1/namespaces/{options.Access.Namespace}/pods";

    private async Task<IReadOnlyList<JsonObject>> PodsAsync(string selector, CancellationToken cancellationToken)
    {
        var pods = new List<JsonObject>();
        string? next = null;
        do
        {
            var answer = Require(await rest.SendAsync(
                HttpMethod.Get,
                string.Create(CultureInfo.InvariantCulture, $"{Pods}?labelSelector={Uri.EscapeDataString(selector)}&limit={PodsPerPage}{(next is null ? "" : "&continue=" + Uri.EscapeDataString(next))}"),
                null, cancellationToken));
            pods.AddRange(Json.List(answer.Body, "items"));
            next = Json.Text(answer.Body, "metadata", "continue");
        }
        while (next is { Length: > 0 } && pods.Count < 1_000_000);
        return pods;
    }

    private async Task StopCancelledAsync(JobView view, CancellationToken cancellationToken)
    {
        foreach (var pod in view.PodsToStop())
        {
            await DeleteAsync($"{Pods}/{pod}", cancellationToken);
        }
    }

    /// <summary>Without the image nothing of the job will ever run: its nodes are given back and the run ends with the reason.</summary>
    private async Task GiveUpWithoutImageAsync(string ticket, IReadOnlyList<ShardState> states, CancellationToken cancellationToken)
    {
        if (states.FirstOrDefault(s => JobView.IsImageProblem(s.Reason)) is not { } stuck || states.Any(s => s.Phase is not ShardPhase.Queued))
        {
            withoutImage.TryRemove(ticket, out _);
            return;
        }

        if (time.GetElapsedTime(withoutImage.GetOrAdd(ticket, _ => time.GetTimestamp())) >= options.ImagePatience)
        {
            deleted[ticket] = true;
            await DeleteAsync($"{Jobs}/{ticket}", cancellationToken);
            throw new EngineException(EngineFault.Refused, $"No node can pull the image: {stuck.Reason}");
        }
    }

    private async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await rest.SendAsync(HttpMethod.Delete, path, new JsonObject { ["propagationPolicy"] = "Background" }, cancellationToken);
        if (answer.Status is not HttpStatusCode.NotFound)
        {
            Require(answer);
        }
    }

    private static HashSet<int> Cancelled(JsonObject body) =>
        Json.At(body, "metadata", "annotations") is JsonObject annotations
            ? [.. annotations.Where(a => a.Key.StartsWith(CancelledPrefix, StringComparison.Ordinal))
                .Select(a => int.TryParse(a.Key.AsSpan(CancelledPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1)]
            : [];

    private static RestAnswer Require(RestAnswer answer) => answer.IsSuccess ? answer : throw Fault(answer);

    private static EngineException Fault(RestAnswer answer)
    {
        var said = Json.Clip(Json.Text(answer.Body, "message") ?? "no reason given");
        return answer.Status switch
        {
            HttpStatusCode.Unauthorized => new(EngineFault.Refused, "Kubernetes refuses the credentials: renew the token or the client certificate."),
            HttpStatusCode.Forbidden => new(EngineFault.Refused, $"Kubernetes forbids it: {said}"),
            HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new(EngineFault.Unreachable, $"Kubernetes answers {(int)answer.Status}: {said}"),
            _ => new(EngineFault.Refused, $"Kubernetes answers {(int)answer.Status}: {said}"),
        };
    }

    private static SocketsHttpHandler Handler(KubernetesAccess access)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (access.Authorities is { } authorities)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        if (access.Certificate is { } certificate)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }

        return handler;
    }
}
