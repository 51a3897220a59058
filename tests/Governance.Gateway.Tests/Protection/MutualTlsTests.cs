using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Governance.Gateway.Hosting;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Gateway.Tests.Protection;

/// <summary>Applications that are known by certificates made here, over real TLS.</summary>
public sealed class MutualTlsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly TempFolder folder = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 pinned = SelfSigned("CN=pinned");
    private readonly X509Certificate2 stranger = SelfSigned("CN=pinned");
    private readonly X509Certificate2 expired = SelfSigned("CN=old", Now.AddDays(-1));
    private readonly X509Certificate2 server = SelfSigned("CN=localhost", purpose: "1.3.6.1.5.5.7.3.1");
    private X509Certificate2 authority = null!;
    private X509Certificate2 issued = null!;
    private WebApplication app = null!;

    public async ValueTask InitializeAsync()
    {
        var root = new CertificateRequest("CN=Bank CA", key, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority = root.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(2));
        issued = Issue("CN=loans, O=Bank");
        await File.WriteAllTextAsync(folder.File("ca.pem"), authority.ExportCertificatePem());
        await File.WriteAllBytesAsync(folder.File("server.pfx"), server.Export(X509ContentType.Pfx));
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = "Development",
            ContentRootPath = AppContext.BaseDirectory,
            Args =
            [
                "--Kestrel:Endpoints:Tls:Url=https://127.0.0.1:0", $"--Kestrel:Endpoints:Tls:Certificate:Path={folder.File("server.pfx")}", $"--Gateway:DataFolder={folder.File("data")}",
                $"--Identity:Certificates:Authority={folder.File("ca.pem")}", $"--Identity:Certificates:Clients:pinned-app:Thumbprint={Hash(pinned)}",
                $"--Identity:Certificates:Clients:old-app:Thumbprint={Hash(expired)}", "--Identity:Certificates:Clients:loans-app:Subject=CN=loans, O=Bank",
            ],
        });
        builder.Logging.ClearProviders();
        app = await GatewayApplication.BuildAsync(builder);
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        foreach (var thing in new IDisposable[] { key, pinned, stranger, expired, server, authority, issued, folder })
        {
            thing.Dispose();
        }
    }

    [Fact]
    public async Task A_pinned_certificate_and_an_issued_one_are_the_applications_they_stand_for()
    {
        Assert.Equal(("pinned-app", "client"), await WhoAsync(pinned));
        Assert.Equal(("loans-app", "client"), await WhoAsync(issued));
    }

    [Fact]
    public async Task An_application_with_a_certificate_asks_for_decisions_and_nothing_else()
    {
        using var client = Client(pinned);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(client, "/v2/models/nothing/infer")).Status);
        Assert.Equal((HttpStatusCode.Forbidden, "role-required"), await PostAsync(client, "/api/v1/policy/proposals/p1/withdrawal"));
    }

    [Fact]
    public async Task Without_a_certificate_a_token_is_needed_and_a_bad_token_is_not_made_good_by_a_certificate()
    {
        using var bare = Client(null);
        Assert.Equal((HttpStatusCode.Unauthorized, "unauthenticated"), await PostAsync(bare, "/v2/models/nothing/infer"));
        using var both = Client(pinned);
        both.DefaultRequestHeaders.Add("Authorization", "Bearer nonsense");
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(both, "/v2/models/nothing/infer")).Status);
    }

    [Fact]
    public async Task Unknown_expired_and_misused_certificates_do_not_get_through_the_handshake()
    {
        using var wrongPurpose = Issue("CN=loans, O=Bank", "1.3.6.1.5.5.7.3.1");
        using var otherName = Issue("CN=other, O=Bank");
        using var forged = SelfSigned("CN=loans, O=Bank");
        foreach (var certificate in new[] { stranger, expired, wrongPurpose, otherName, forged })
        {
            using var client = Client(certificate);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync(client, "/v2/models/nothing/infer"));
        }
    }

    private async Task<(string Subject, string Roles)> WhoAsync(X509Certificate2 certificate)
    {
        using var client = Client(certificate);
        var me = JsonNode.Parse(await client.GetStringAsync(new Uri("/api/v1/me", UriKind.Relative), TestContext.Current.CancellationToken))!;
        return (me["subject"]!.GetValue<string>(), string.Join(',', me["roles"]!.AsArray().Select(r => r!.GetValue<string>())));
    }

    private static async Task<(HttpStatusCode Status, string Code)> PostAsync(HttpClient client, string path)
    {
        using var content = new StringContent("""{"reason":"r"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        return (answer.StatusCode, problem["code"]!.GetValue<string>());
    }

    private HttpClient Client(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetRawCertData().AsSpan().SequenceEqual(server.RawData) == true;
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return new HttpClient(handler) { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
    }

    private X509Certificate2 Issue(string subject, string purpose = "1.3.6.1.5.5.7.3.2")
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bare = Request(subject, own, purpose).Create(authority, Now.AddDays(-1), Now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var whole = bare.CopyWithPrivateKey(own);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }

    private static X509Certificate2 SelfSigned(string subject, DateTimeOffset? until = null, string purpose = "1.3.6.1.5.5.7.3.2")
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = Request(subject, own, purpose).CreateSelfSigned(Now.AddDays(-2), until ?? Now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }

    private static CertificateRequest Request(string subject, ECDsa own, string purpose)
    {
        var request = new CertificateRequest(subject, own, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        return request;
    }

    private static string Hash(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);
}
