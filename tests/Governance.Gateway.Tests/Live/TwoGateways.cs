using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Gateway.Hosting;
using Governance.Gateway.Tests.Api;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Live;

/// <summary>
/// Two gateways on one PostgreSQL that serve the lender's model and take the same tokens: the first in this process, the second in one of its own, which can
/// be killed and started again, and whose way to the database can be severed.
/// </summary>
public sealed class TwoGateways : IAsyncLifetime
{
    private static readonly string Scripts = Path.Combine(SharedMaterial.RepositoryRoot, "deploy", "sql", "postgresql");
    private readonly TempFolder folder = new();
    private readonly HttpClient http = new();
    private PostgreSqlServer? server;
    private SeverableProxy? proxy;
    private TestGateway? first;
    private RunningGateway? second;
    private string database = "";
    private string token = "";

    internal TestGateway First => first!;

    internal SeverableProxy DatabaseOfSecond => proxy!;

    internal long EntriesOfFirst => First.Services.GetRequiredService<GovernanceLogs>().Inference.Log.Size;

    /// <summary>Entries of both inference logs together.</summary>
    internal async Task<long> EntriesAsync() => EntriesOfFirst + await EntriesOfSecondAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (PostgreSqlServer.Programs is null)
        {
            return;
        }

        server = PostgreSqlServer.Start();
        server.SqlFile("postgres", "admin", Path.Combine(Scripts, "roles.sql"));
        database = server.NewDatabase("governance_owner");
        server.SqlFile(database, "governance_owner", Path.Combine(Scripts, "governance.sql"));
        proxy = new SeverableProxy(server.Port);
        var address = RunningGateway.FreeAddress();
        first = await TestGateway.StartAsync(folder.File("a"), [.. Settings("a"), "--urls=" + address.AbsoluteUri, "NodeAddress=" + address.AbsoluteUri]);
        await Lender.PublishAsync(first, LiveRoute.Lenient());
        await Lender.RegisterAsync(first);
        await Lender.SubmitAsync(first, Lender.Corrected, Lender.Reviewed);
        (await Lender.PromoteAsync(first, 1)).MustBe(System.Net.HttpStatusCode.Created);
        token = await first.TokenAsync("loans-app");
        CopyKeys("b");
        await StartSecondAsync();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (second is not null)
        {
            await second.DisposeAsync();
        }

        if (first is not null)
        {
            await first.DisposeAsync();
        }

        proxy?.Dispose();
        server?.Dispose();
        folder.Dispose();
    }

    /// <summary>Starts the second gateway, each time at another address.</summary>
    internal async Task StartSecondAsync()
    {
        var address = RunningGateway.FreeAddress();
        second = await RunningGateway.StartAsync(folder.File("b"), address, Token, [.. Settings("b"), "NodeAddress=" + address.AbsoluteUri]);
    }

    internal Task KillSecondAsync() => second!.KillAsync();

    /// <summary>One more gateway, whose start must fail.</summary>
    /// <param name="data">Name of its data folder.</param>
    internal Task<TestGateway> StartAnotherAsync(string data, string replica, bool keys)
    {
        if (keys)
        {
            CopyKeys(data);
        }
        else
        {
            Copy(data, "keys/governance-log.pem");
        }

        return TestGateway.StartAsync(folder.File(data), Settings(replica));
    }

    internal string Sql(string sql) => server!.Sql(database, "governance_owner", sql);

    internal Task<Answer> AskFirstAsync(JsonNode call, string? passedOnBy = null) => AskAsync(First.Address, Json(call.ToJsonString()), passedOnBy);

    internal Task<Answer> AskSecondAsync(JsonNode call) => AskAsync(second!.Address, Json(call.ToJsonString()));

    internal Task<Answer> AskFirstAsync(HttpContent body) => AskAsync(First.Address, body);

    internal Task<Answer> AskSecondAsync(HttpContent body) => AskAsync(second!.Address, body);

    private async Task<Answer> AskAsync(Uri gateway, HttpContent content, string? passedOnBy = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway, Lender.Route)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (passedOnBy is not null)
        {
            request.Headers.Add("Governance-Passed-On-By", passedOnBy);
        }

        using var response = await http.SendAsync(request, Token);
        return new Answer(
            response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsByteArrayAsync(Token),
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase));
    }

    private async Task<long> EntriesOfSecondAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(second!.Address, "/api/v1/ledger/logs"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await First.TokenAsync("audrey"));
        using var response = await http.SendAsync(request, Token);
        var logs = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!.AsArray();
        return logs.Single(l => l!["name"]!.GetValue<string>() == "inference")!["size"]!.GetValue<long>();
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private void CopyKeys(string node)
    {
        foreach (var key in new[] { "keys/governance-log.pem", "keys/evidence.pem", "identity/development-issuer.pem" })
        {
            Copy(node, key);
        }
    }

    private void Copy(string node, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File($"{node}/{file}"))!);
        File.Copy(folder.File("a/" + file), folder.File($"{node}/{file}"), overwrite: true);
    }

    private string[] Settings(string node)
    {
        var port = node == "b" ? proxy!.Port : server!.Port;
        return
        [
            "Store=PostgreSql", $"Replica={node}", $"ArtifactFolder={folder.File("artifacts")}",
            string.Create(CultureInfo.InvariantCulture, $"--ConnectionStrings:Governance=Host=127.0.0.1;Port={port};Database={database};Username=governance_app;Timeout=5;Command Timeout=5"),
        ];
    }
}
