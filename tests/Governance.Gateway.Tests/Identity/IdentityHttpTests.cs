using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Governance.Gateway.Identity.Development;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;

namespace Governance.Gateway.Tests.Identity;

public sealed class IdentityHttpTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private WebApplication app = null!;
    private HttpClient client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.AddGovernanceIdentity(folder.Path);
        app = builder.Build();
        app.MapGovernanceIdentity();
        app.MapGet("/api/me", (HttpContext context) => Results.Json(context.GetCaller(), GovernanceJson.Options));
        app.MapGet("/api/validators", () => "ok").RequireAuthorization(p => p.RequireRole(Role.Validator.Name()));
        await app.StartAsync(Cancellation);
        client = app.GetTestClient();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task EveryPersona_CanBeThemselves()
    {
        foreach (var persona in Persona.All)
        {
            var caller = await (await Get("/api/me", await Token(persona.Id))).Content.ReadFromJsonAsync<Caller>(GovernanceJson.Options, Cancellation);

            Assert.Equal(persona.Id, caller!.Subject);
            Assert.Equal(persona.Kind, caller.Kind);
            Assert.Equal(RoleSet.Of(persona.Role), caller.Roles);
        }
    }

    [Fact]
    public async Task WithoutToken_401WithChallengeAndProblem()
    {
        var response = await client.GetAsync("/api/me", Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer realm=\"governance\"", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal("unauthenticated", (await Problem(response)).Code);
    }

    [Fact]
    public async Task TamperedToken_401NamesTheReasonAndNotTheToken()
    {
        var token = await Token("dana");
        var response = await Get("/api/me", token[..^4] + "AAAA");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal("token-signature", (await Problem(response)).Code);
        Assert.DoesNotContain(token[..20], await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic ZGFuYTpkYW5h")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer a b")]
    public async Task NotABearerHeader_401(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/me");
        request.Headers.TryAddWithoutValidation("Authorization", header);

        var response = await client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("token-malformed", (await Problem(response)).Code);
    }

    [Theory]
    [InlineData("victor", HttpStatusCode.OK)]
    [InlineData("dana", HttpStatusCode.Forbidden)]
    public async Task RoleRequired(string persona, HttpStatusCode expected)
    {
        var response = await Get("/api/validators", await Token(persona));

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Forbidden)
        {
            Assert.Equal("role-required", (await Problem(response)).Code);
        }
    }

    [Fact]
    public async Task UnknownPersona_404()
    {
        var response = await client.PostAsJsonAsync("/dev/token", new PersonaTokenRequest("mallory"), Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("unknown-persona", (await Problem(response)).Code);
    }

    [Fact]
    public async Task DevelopmentToken_AddressedByAnotherHostName_403()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/dev/token") { Content = JsonContent.Create(new PersonaTokenRequest("dana")) };
        request.Headers.Host = "rebound.example";

        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(request, Cancellation)).StatusCode);
    }

    private static async Task<Problem> Problem(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<Problem>(GovernanceJson.Options, Cancellation))!;

    private async Task<string> Token(string persona)
    {
        var response = await client.PostAsJsonAsync("/dev/token", new PersonaTokenRequest(persona), Cancellation);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<PersonaToken>(Cancellation))!.AccessToken;
    }

    private async Task<HttpResponseMessage> Get(string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await client.SendAsync(request, Cancellation);
    }
}
