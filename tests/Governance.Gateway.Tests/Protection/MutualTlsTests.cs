using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity.Certificates;
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
        Publish();
        await File.WriteAllBytesAsync(folder.File("server.pfx"), server.Export(X509ContentType.Pfx));
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = "Development",
            ContentRootPath = AppContext.BaseDirectory,
            Args =
            [
                "--Kestrel:Endpoints:Tls:Url=https://127.0.0.1:0", $"--Kestrel:Endpoints:Tls:Certificate:Path={folder.File("server.pfx")}", $"--Gateway:DataFolder={folder.File("data")}",
                $"--Identity:Certificates:Authority={folder.File("ca.pem")}", $"--Identity:Certificates:RevocationList={folder.File("ca.crl")}", $"--Identity:Certificates:Clients:pinned-app:Thumbprint={Hash(pinned)}",
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

    /// <summary>Lists as an authority publishes them, replaced while the gateway runs.</summary>
    [Fact]
    public async Task A_certificate_that_is_taken_back_is_refused_and_none_of_the_authority_is_accepted_without_a_list_in_force()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var impostor = new CertificateRequest("CN=Bank CA", other, HashAlgorithmName.SHA256).CreateSelfSigned(Now.AddDays(-2), Now.AddDays(2));
        using var another = Issue("CN=loans, O=Bank");
        await AcceptedAsync(issued, true);
        Publish(taken: [issued]);
        await AcceptedAsync(issued, false);
        await AcceptedAsync(another, true);
        Publish(until: Now.AddMinutes(-1));
        await AcceptedAsync(another, false);
        Publish();
        await AcceptedAsync(another, true);
        await File.WriteAllTextAsync(folder.File("ca.crl"), "no list", TestContext.Current.CancellationToken);
        await AcceptedAsync(another, false);
        Publish();
        await AcceptedAsync(another, true);
        Publish(by: impostor, with: other);
        await AcceptedAsync(another, false);

        // Who is known by a thumbprint alone is not the authority's.
        Assert.Equal(("pinned-app", "client"), await WhoAsync(pinned));
    }

    /// <summary>A list that openssl made says what it said there.</summary>
    [Fact]
    public async Task A_list_made_by_openssl_is_read()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "openssl is not installed: apt-get install openssl");
        await File.WriteAllTextAsync(folder.File("ca.key"), key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("index"), $"R\t{Now.AddDays(2):yyMMddHHmmss}Z\t{Now.AddDays(-1):yyMMddHHmmss}Z\t{issued.SerialNumber}\tunknown\t/CN=loans\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("ca.cnf"), $"[ca]\ndefault_ca=a\n[a]\ndatabase={folder.File("index")}\ndefault_md=sha384\ndefault_crl_days=1\n", TestContext.Current.CancellationToken);
        using var openssl = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("openssl",
            ["ca", "-gencrl", "-config", folder.File("ca.cnf"), "-keyfile", folder.File("ca.key"), "-cert", folder.File("ca.pem"), "-out", folder.File("made.crl")])
        {
            RedirectStandardError = true, UseShellExecute = false,
        })!;
        await openssl.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(openssl.ExitCode == 0, await openssl.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        var list = RevocationList.Read(await File.ReadAllBytesAsync(folder.File("made.crl"), TestContext.Current.CancellationToken), authority);
        using var another = Issue("CN=loans, O=Bank");
        Assert.Equal((true, false, true, false), (list.Holds(issued), list.Holds(another), list.IsInForce(TimeProvider.System.GetUtcNow()), list.IsInForce(Now.AddDays(2))));
    }

    [Fact]
    public void A_list_cut_or_changed_anywhere_is_not_relied_on()
    {
        var der = List(authority, key, Now.AddDays(1), [issued]);
        Assert.True(RevocationList.Read(der, authority).Holds(issued));
        for (var at = 0; at < der.Length; at++)
        {
            var (cut, changed) = (der[..at], der.ToArray());
            changed[at] ^= 1;
            Assert.Throws<CryptographicException>(() => RevocationList.Read(cut, authority));
            Assert.Throws<CryptographicException>(() => RevocationList.Read(changed, authority));
        }
    }

    /// <summary>The file is looked at once a second.</summary>
    private async Task AcceptedAsync(X509Certificate2 certificate, bool expected)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var waited = 0; waited < 300; waited++)
        {
            using var client = Client(certificate);
            try
            {
                using var answer = await client.GetAsync(new Uri("/api/v1/me", UriKind.Relative), TestContext.Current.CancellationToken);
                if (expected && answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!expected)
            {
                return;
            }
            catch (HttpRequestException)
            {
                // Not looked at yet.
            }

            await poll.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.Fail(expected ? "It is not accepted." : "It is still accepted.");
    }

    private void Publish(DateTimeOffset? until = null, X509Certificate2? by = null, ECDsa? with = null, params X509Certificate2[] taken)
    {
        File.WriteAllBytes(folder.File("new.crl"), List(by ?? authority, with ?? key, until ?? Now.AddDays(1), taken));
        File.Move(folder.File("new.crl"), folder.File("ca.crl"), overwrite: true);
    }

    private static byte[] List(X509Certificate2 by, ECDsa with, DateTimeOffset until, X509Certificate2[] taken)
    {
        var list = new CertificateRevocationListBuilder();
        Array.ForEach(taken, c => list.AddEntry(c));
        return list.Build(by.SubjectName, X509SignatureGenerator.CreateForECDsa(with), 1, until, HashAlgorithmName.SHA256, X509AuthorityKeyIdentifierExtension.CreateFromCertificate(by, false, true), Now.AddDays(-1));
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
