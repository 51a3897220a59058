using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Governance.Jobs.Engines;
using Governance.Jobs.Engines.Kubernetes;
using Governance.Jobs.Tests.Support;

namespace Governance.Jobs.Tests.Engines;

/// <summary>Over HTTPS with a certificate authority of the cluster's own: who is trusted, who is let in, and what is said when not.</summary>
public sealed class KubernetesTlsTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();
    private readonly TestAuthority stranger = new();
    private readonly TempFolder folder = new();
    private StrictKubernetes cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => cluster = await StrictKubernetes.StartAsync(authority, authority.Issue("localhost", IPAddress.Loopback));

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        authority.Dispose();
        stranger.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("certificate-authority-data: {ca}", "token: " + StrictKubernetes.Token)]
    [InlineData("certificate-authority: ca.pem", "tokenFile: token")]
    [InlineData("certificate-authority: ca.pem", "client-certificate: own.pem, client-key: own.key")]
    [InlineData("certificate-authority-data: {ca}", "client-certificate-data: {own}, client-key-data: {key}")]
    public async Task A_kubeconfig_lets_in_by_token_or_certificate_inline_or_in_files(string trust, string user) =>
        await SubmitAsync(Kubeconfig(trust, user, authority, authority));

    [Fact]
    public async Task A_pod_s_service_account_is_let_in()
    {
        await File.WriteAllTextAsync(folder.File("ca.crt"), authority.Pem, Token);
        await File.WriteAllTextAsync(folder.File("token"), StrictKubernetes.Token + "\n", Token);
        await File.WriteAllTextAsync(folder.File("namespace"), StrictKubernetes.Namespace, Token);
        var variables = new Dictionary<string, string?> { ["KUBERNETES_SERVICE_HOST"] = "127.0.0.1", ["KUBERNETES_SERVICE_PORT"] = $"{cluster.Url.Port}" };

        await SubmitAsync(KubernetesAccess.InCluster(space: null, variables.GetValueOrDefault, folder.Path));
    }

    [Fact]
    public async Task A_server_of_another_authority_is_not_trusted()
    {
        var refused = await RefusedAsync(Kubeconfig("certificate-authority: ca.pem", "token: " + StrictKubernetes.Token, stranger, authority));

        Assert.Equal(EngineFault.Refused, refused.Fault);
        Assert.Contains("not trusted", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", refused.ToString(), StringComparison.Ordinal);
        Assert.Empty(cluster.Accepted);
    }

    [Fact]
    public async Task A_server_of_another_name_is_not_trusted()
    {
        await using var other = await StrictKubernetes.StartAsync(authority, authority.Issue("other.example", IPAddress.Parse("192.0.2.1")));
        var refused = await RefusedAsync(new KubernetesAccess(other.Url, StrictKubernetes.Namespace, StrictKubernetes.Token, authorities: [authority.Certificate]));

        Assert.Equal(EngineFault.Refused, refused.Fault);
        Assert.Contains("not trusted", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_another_authority_is_told_to_renew()
    {
        var refused = await RefusedAsync(Kubeconfig("certificate-authority: ca.pem", "client-certificate: own.pem, client-key: own.key", authority, stranger));

        Assert.Equal(EngineFault.Refused, refused.Fault);
        Assert.Contains("client certificate", refused.Message, StringComparison.Ordinal);
    }

    private async Task SubmitAsync(KubernetesAccess access)
    {
        using var engine = Engine(access);
        var job = ScriptJobs.Of(folder, "true", [0]);
        Assert.Equal(job.Name, await engine.SubmitAsync(job, Token));
        Assert.Equal(ShardPhase.Succeeded, (await engine.EndAsync(job, job.Name, Token)).Single().Phase);
    }

    private async Task<EngineException> RefusedAsync(KubernetesAccess access)
    {
        using var engine = Engine(access);
        return await Assert.ThrowsAsync<EngineException>(() => engine.SubmitAsync(ScriptJobs.Of(folder, "true", [0]), Token));
    }

    private KubernetesAccess Kubeconfig(string trust, string user, TestAuthority servers, TestAuthority clients)
    {
        using var own = clients.Issue("gateway");
        var (certificate, key) = (own.ExportCertificatePem(), own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder.File("ca.pem"), servers.Pem);
        File.WriteAllText(folder.File("own.pem"), certificate);
        File.WriteAllText(folder.File("own.key"), key);
        File.WriteAllText(folder.File("token"), StrictKubernetes.Token);
        var path = folder.File("config");
        File.WriteAllText(path, $$$"""
            apiVersion: v1
            kind: Config
            current-context: a
            contexts: [{name: a, context: {cluster: c, user: u, namespace: {{{StrictKubernetes.Namespace}}}}}]
            clusters: [{name: c, cluster: {server: "{{{cluster.Url}}}", {{{Filled(trust)}}}}}]
            users: [{name: u, user: { {{{Filled(user)}}} }}]
            """);
        return Jobs.Engines.Kubernetes.Kubeconfig.Read(path);

        string Filled(string text) => text.Replace("{ca}", Base64(servers.Pem), StringComparison.Ordinal).Replace("{own}", Base64(certificate), StringComparison.Ordinal).Replace("{key}", Base64(key), StringComparison.Ordinal);
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));

    private static KubernetesEngine Engine(KubernetesAccess access) => new(new KubernetesOptions
    {
        Access = access,
        Image = StrictKubernetes.Image,
        Claim = StrictKubernetes.Claim,
        MountPath = "/shared",
        Slots = 2,
        PollInterval = TimeSpan.FromMilliseconds(50),
    }, TimeProvider.System);
}
