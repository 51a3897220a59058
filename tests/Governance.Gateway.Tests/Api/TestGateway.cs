using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Gateway.Hosting;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Gateway.Tests.Api;

/// <summary>The gateway itself, composed as the program composes it, on a socket of this machine and a folder of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Dictionary<string, string> tokens = new(StringComparer.Ordinal);
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private TestGateway(WebApplication app, string folder)
    {
        this.app = app;
        Folder = folder;
    }

    public string Folder { get; }

    public IServiceProvider Services => app.Services;

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="settings">More settings of section <c>Gateway</c>, as <c>Name=value</c>; of other sections with dashes before, <c>--Section:Name=value</c>.</param>
    public static Task<TestGateway> StartAsync(string folder, params string[] settings) => StartAsync(folder, TimeProvider.System, settings);

    public static Task<TestGateway> StartAsync(string folder, TimeProvider time, params string[] settings) => StartAsync(folder, time, _ => { }, settings);

    /// <param name="services">More services, before the gateway's own.</param>
    public static async Task<TestGateway> StartAsync(string folder, TimeProvider time, Action<IServiceCollection> services, params string[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = "Development",
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--urls=http://127.0.0.1:0", $"--Gateway:DataFolder={folder}", .. settings.Select(Argument)],
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time);
        services(builder.Services);
        var built = await GatewayApplication.BuildAsync(builder);
        try
        {
            await built.StartAsync(Token);
        }
        catch
        {
            await built.DisposeAsync();
            throw;
        }

        return new TestGateway(built, folder);
    }

    internal static string Argument(string setting) => setting.StartsWith("--", StringComparison.Ordinal) ? setting : "--Gateway:" + setting;

    /// <summary>The folder as a crash would leave it now, elsewhere.</summary>
    public TempFolder CopyFolder()
    {
        var copy = new TempFolder();
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            var target = copy.File(Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    public Task<Answer> GetAsync(string path, string? persona = "audrey") => SendAsync(HttpMethod.Get, path, persona, content: null);

    /// <summary>The JSON of a GET that must succeed.</summary>
    public async Task<JsonNode> ReadAsync(string path, string persona = "audrey")
    {
        var answer = await GetAsync(path, persona);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{path}: {answer}");
        return answer.Json;
    }

    public Task<Answer> PostAsync(string path, object? body, string? persona, string? key = null) =>
        PostAsync(path, JsonSerializer.Serialize(body, JsonSerializerOptions.Web), persona, key);

    public Task<Answer> PostAsync(string path, string json, string? persona, string? key = null) =>
        SendAsync(HttpMethod.Post, path, persona, new StringContent(json, Encoding.UTF8, "application/json"), key);

    public Task<Answer> UploadAsync(string path, object metadata, byte[] file, string persona, string? key = null) =>
        UploadAsync(path, JsonSerializer.Serialize(metadata, JsonSerializerOptions.Web), new ByteArrayContent(file), persona, key);

    public Task<Answer> UploadAsync(string path, string metadata, HttpContent file, string persona, string? key = null)
    {
        // Disposed with the request.
        var form = new MultipartFormDataContent { { new StringContent(metadata, Encoding.UTF8, "application/json"), "metadata" }, { file, "file", "upload.bin" } };
        return SendAsync(HttpMethod.Post, path, persona, form, key);
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? persona, HttpContent? content, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, path)) { Content = content };
        if (content?.Headers.ContentLength is null && content is not null)
        {
            request.Headers.TransferEncodingChunked = true;
        }

        if (persona is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(persona));
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await http.SendAsync(request, Token);
        return await Answer.OfAsync(response, Token);
    }

    public async Task<string> TokenAsync(string persona)
    {
        if (!tokens.TryGetValue(persona, out var token))
        {
            var answer = await PostAsync("/dev/token", new { persona }, persona: null);
            tokens[persona] = token = answer.Json["accessToken"]!.GetValue<string>();
        }

        return token;
    }

    /// <summary>Everybody signs in again with the next request.</summary>
    public void ForgetTokens() => tokens.Clear();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(HttpStatusCode Status, string? MediaType, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonNode Json => JsonNode.Parse(Body)!;

    public string? Code => MediaType == "application/problem+json" ? Json["code"]?.GetValue<string>() : null;

    public override string ToString() => $"{(int)Status} {MediaType} {(Text.Length > 600 ? Text[..600] : Text)}";

    public static async Task<Answer> OfAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsByteArrayAsync(cancellationToken),
        response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase));

    /// <summary>An error in its one form: problem details with the status and code, a sentence, a trace id, and nothing of our insides.</summary>
    public Answer MustBe(HttpStatusCode status, string code)
    {
        Assert.True(Status == status && MediaType == "application/problem+json", $"Expected {(int)status} {code}, got {this}");
        var problem = Json.AsObject();
        Assert.Equal(code, problem["code"]!.GetValue<string>());
        Assert.Equal("urn:governance:problem:" + code, problem["type"]!.GetValue<string>());
        Assert.Equal((int)status, problem["status"]!.GetValue<int>());
        Assert.False(string.IsNullOrWhiteSpace(problem["title"]!.GetValue<string>()));
        Assert.False(string.IsNullOrWhiteSpace(problem["detail"]!.GetValue<string>()));
        Assert.False(string.IsNullOrWhiteSpace(problem["traceId"]!.GetValue<string>()));
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Text, StringComparison.Ordinal);
        Assert.DoesNotContain(AppContext.BaseDirectory, Text, StringComparison.Ordinal);
        return this;
    }

    public Answer MustBe(HttpStatusCode status)
    {
        Assert.True(Status == status, $"Expected {(int)status}, got {this}");
        return this;
    }

    public IReadOnlyList<string> Faults => [.. Json["faults"]!.AsArray().Select(f => f!.GetValue<string>())];
}
