using Governance.Jobs.Engines;
using Governance.Jobs.Engines.Kubernetes;
using Governance.Jobs.Plans;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Engines;

/// <summary>The conformance suite against a server that enforces batch/v1's documented rules and really runs the pods' commands.</summary>
public sealed class KubernetesEngineTests : EngineConformance, IAsyncLifetime
{
    private readonly List<KubernetesEngine> engines = [];
    private StrictKubernetes cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected override bool Outlives => true;

    public async ValueTask InitializeAsync() => cluster = await StrictKubernetes.StartAsync();

    public async ValueTask DisposeAsync()
    {
        engines.ForEach(e => e.Dispose());
        await cluster.DisposeAsync();
    }

    protected override IShardEngine Engine() => Engine(o => o);

    protected override IShardEngine Restarted() => Engine();

    [Fact]
    public async Task A_shard_whose_node_is_lost_runs_again_by_itself()
    {
        using var folder = new TempFolder();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "if mkdir $OUT/first; then sleep 300; fi; echo again > $OUT/again", [4]);
        await engine.SubmitAsync(job, Token);
        await UntilFileAsync(folder.File("first"));
        cluster.LoseNode();

        Assert.Equal(ShardPhase.Succeeded, (await engine.EndAsync(job, job.Name, Token)).Single().Phase);
        Assert.True(File.Exists(folder.File("again")));
    }

    [Fact]
    public async Task A_poison_shard_is_started_once_by_the_back_end()
    {
        using var folder = new TempFolder();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "echo ran >> $OUT/ran; exit 9", [0]);
        var state = (await engine.EndAsync(job, await engine.SubmitAsync(job, Token), Token)).Single();

        Assert.Equal((ShardPhase.Failed, 9), (state.Phase, state.ExitCode));
        Assert.Equal("ran\n", await File.ReadAllTextAsync(folder.File("ran"), Token));
    }

    [Fact]
    public async Task A_shard_that_is_cancelled_before_its_pod_is_there_is_stopped_when_it_is()
    {
        using var folder = new TempFolder();
        var engine = Engine();
        var job = ScriptJobs.Of(folder, "until test -e $OUT/go; do sleep 0.05; done; test $SHARD_INDEX = 0 || sleep 300", [0, 1], maxParallel: 1);
        await engine.SubmitAsync(job, Token);
        await engine.CancelAsync(job, job.Name, [1], Token);
        await File.WriteAllTextAsync(folder.File("go"), "", Token);

        Assert.Equal([ShardPhase.Succeeded, ShardPhase.Cancelled], (await engine.EndAsync(job, job.Name, Token)).Select(s => s.Phase));
    }

    [Fact]
    public async Task A_job_that_is_cancelled_is_gone_and_one_that_vanished_is_lost()
    {
        using var folder = new TempFolder();
        var (engine, other) = (Engine(), Engine());
        var job = ScriptJobs.Of(folder, "sleep 300", [0]);
        await engine.SubmitAsync(job, Token);
        await engine.CancelAsync(job, job.Name, null, Token);

        Assert.Equal(ShardPhase.Cancelled, (await engine.PollAsync(job, job.Name, Token)).Single().Phase);
        Assert.Equal(ShardPhase.Lost, (await other.PollAsync(job, job.Name, Token)).Single().Phase);
    }

    [Fact]
    public async Task A_queued_job_waits_until_kueue_resumes_it()
    {
        using var folder = new TempFolder();
        var engine = Engine(o => o with { Queue = "risk-queue" });
        var job = ScriptJobs.Of(folder, "true", [0]);
        await engine.SubmitAsync(job, Token);
        var waiting = (await engine.PollAsync(job, job.Name, Token)).Single();
        cluster.Resume(job.Name);

        Assert.Equal(ShardPhase.Queued, waiting.Phase);
        Assert.Contains("suspended", waiting.Reason, StringComparison.Ordinal);
        Assert.Equal("risk-queue", (string?)cluster.Accepted.Single()["metadata"]!["labels"]!["kueue.x-k8s.io/queue-name"]);
        Assert.Equal(ShardPhase.Succeeded, (await engine.EndAsync(job, job.Name, Token)).Single().Phase);
    }

    [Fact]
    public async Task Gpus_are_limits_and_those_that_no_node_has_free_are_a_reason()
    {
        using var folder = new TempFolder();
        var engine = Engine();
        var fits = ScriptJobs.Of(folder, "test -n \"$NVIDIA_VISIBLE_DEVICES\"", [0], new ShardResources(Gpus: 1, MemoryMiB: 128));
        var large = ScriptJobs.Of(folder, "true", [0], new ShardResources(Gpus: StrictKubernetes.Gpus + 1, MemoryMiB: 128));

        Assert.Equal(ShardPhase.Succeeded, (await engine.EndAsync(fits, await engine.SubmitAsync(fits, Token), Token)).Single().Phase);
        await engine.SubmitAsync(large, Token);
        Assert.Contains("Insufficient nvidia.com/gpu", await UntilReasonAsync(engine, large), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_a_reason_and_then_the_end()
    {
        using var folder = new TempFolder();
        var engine = Engine(o => o with { Image = "registry.example/none:1" });
        var job = ScriptJobs.Of(folder, "true", [0]);
        await engine.SubmitAsync(job, Token);
        Assert.Contains("ImagePullBackOff", await UntilReasonAsync(engine, job), StringComparison.Ordinal);

        var hasty = Engine(o => o with { ImagePatience = TimeSpan.Zero });
        var refused = await Assert.ThrowsAsync<EngineException>(() => hasty.PollAsync(job, job.Name, Token));
        Assert.Equal(EngineFault.Refused, refused.Fault);
        Assert.Contains("registry.example/none:1", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ShardPhase.Cancelled, (await hasty.PollAsync(job, job.Name, Token)).Single().Phase);
    }

    [Fact]
    public async Task A_quota_that_is_used_up_is_refused_with_its_words()
    {
        using var folder = new TempFolder();
        cluster.JobQuota = 0;
        var refused = await Assert.ThrowsAsync<EngineException>(() => Engine().SubmitAsync(ScriptJobs.Of(folder, "true", [0]), Token));

        Assert.Equal(EngineFault.Refused, refused.Fault);
        Assert.Contains("exceeded quota: risk-quota", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_are_refused_are_told_without_showing_them()
    {
        using var folder = new TempFolder();
        var engine = Engine(o => o with { Access = new KubernetesAccess(cluster.Url, StrictKubernetes.Namespace, token: "SECRET-other") });
        var refused = await Assert.ThrowsAsync<EngineException>(() => engine.SubmitAsync(ScriptJobs.Of(folder, "true", [0]), Token));

        Assert.Equal(EngineFault.Refused, refused.Fault);
        Assert.DoesNotContain("SECRET", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_or_talks_nonsense_is_unreachable()
    {
        using var folder = new TempFolder();
        var job = ScriptJobs.Of(folder, "true", [0]);
        var away = Engine(o => o with { Access = new KubernetesAccess(new Uri($"http://127.0.0.1:{FreePort.Find()}"), StrictKubernetes.Namespace) });
        Assert.Equal(EngineFault.Unreachable, (await Assert.ThrowsAsync<EngineException>(() => away.SubmitAsync(job, Token))).Fault);

        var engine = Engine();
        foreach (var nonsense in new[] { "<html>", "[]", "{\"a\":" })
        {
            cluster.Instead["/apis/"] = (200, nonsense);
            Assert.Equal(EngineFault.Unreachable, (await Assert.ThrowsAsync<EngineException>(() => engine.PollAsync(job, job.Name, Token))).Fault);
        }

        // JSON of other shapes: nothing is concluded from it.
        cluster.Instead["/apis/"] = (200, """{"status":{"completedIndexes":7,"failedIndexes":"0-x,...","conditions":{}},"spec":[]}""");
        Assert.Equal(ShardPhase.Queued, (await engine.PollAsync(job, job.Name, Token)).Single().Phase);
    }

    [Fact]
    public async Task A_kubeconfig_gives_server_namespace_and_a_token_file_that_is_read_again()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("config"), $$$"""
            apiVersion: v1
            kind: Config
            current-context: a
            contexts: [{name: a, context: {cluster: c, user: u, namespace: {{{StrictKubernetes.Namespace}}}}}]
            clusters: [{name: c, cluster: {server: "{{{cluster.Url}}}"}}]
            users: [{name: u, user: {tokenFile: token}}]
            """, Token);
        await File.WriteAllTextAsync(folder.File("token"), "old", Token);
        var engine = Engine(o => o with { Access = Kubeconfig.Read(folder.File("config")) });
        var job = ScriptJobs.Of(folder, "true", [0]);
        await Assert.ThrowsAsync<EngineException>(() => engine.SubmitAsync(job, Token));
        await File.WriteAllTextAsync(folder.File("token"), StrictKubernetes.Token, Token);

        Assert.Equal(job.Name, await engine.SubmitAsync(job, Token));
    }

    [Theory]
    [InlineData("{}", "current-context")]
    [InlineData("current-context: a", "context 'a'")]
    [InlineData("- a", "YAML document")]
    [InlineData("a: [", "not YAML")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://h'}}], users: [{name: u, user: {exec: {command: x}}}]}", "needs a program")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: none}}], users: [{name: u, user: {token: SECRET}}]}", "cannot be read")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://h', insecure-skip-tls-verify: true}}], users: [{name: u, user: {token: SECRET}}]}", "does not verify")]
    public void A_kubeconfig_that_cannot_be_used_is_told_so(string yaml, string part)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("config"), yaml);
        var refused = Assert.Throws<EngineException>(() => Kubeconfig.Read(folder.File("config")));

        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_of_a_pod_there_is_no_service_account() =>
        Assert.Contains("KUBERNETES_SERVICE_HOST", Assert.Throws<EngineException>(() => KubernetesAccess.InCluster(null, _ => null)).Message, StringComparison.Ordinal);

    private KubernetesEngine Engine(Func<KubernetesOptions, KubernetesOptions> change)
    {
        var engine = new KubernetesEngine(change(new KubernetesOptions
        {
            Access = new KubernetesAccess(cluster.Url, StrictKubernetes.Namespace, token: StrictKubernetes.Token),
            Image = StrictKubernetes.Image,
            Claim = StrictKubernetes.Claim,
            MountPath = "/shared",
            Slots = 4,
            PollInterval = TimeSpan.FromMilliseconds(50),
        }), TimeProvider.System);
        engines.Add(engine);
        return engine;
    }

    private static async Task<string> UntilReasonAsync(IShardEngine engine, ShardJob job)
    {
        while (true)
        {
            var state = (await engine.PollAsync(job, job.Name, Token)).Single();
            Assert.Equal(ShardPhase.Queued, state.Phase);
            if (state.Reason is { } reason)
            {
                return reason;
            }

            await Task.Delay(20, Token);
        }
    }

    private static async Task UntilFileAsync(string path)
    {
        while (!Path.Exists(path))
        {
            await Task.Delay(20, Token);
        }
    }
}
