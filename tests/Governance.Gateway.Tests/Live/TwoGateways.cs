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
    private readonly HttpClient http = new();
    private SharedLog? log;
    private SeverableProxy? proxy;
    private TestGateway? first;
    private RunningGateway? second;
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

        log = new SharedLog();
        proxy = new SeverableProxy(log.Port);
        var address = RunningGateway.FreeAddress();
        first = await TestGateway.StartAsync(log.Folder("a"), [.. log.Settings("a"), "--urls=" + address.AbsoluteUri, "NodeAddress=" + address.AbsoluteUri]);
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
        log?.Dispose();
    }

    /// <summary>Starts the second gateway, each time at another address.</summary>
    internal async Task StartSecondAsync()
    {
        var address = RunningGateway.FreeAddress();
        second = await RunningGateway.StartAsync(log!.Folder("b"), address, Token, [.. log.Settings("b", proxy!.Port), "NodeAddress=" + address.AbsoluteUri]);
    }

    internal Task KillSecondAsync() => second!.KillAsync();

    /// <summary>One more gateway, whose start must fail.</summary>
    /// <param name="data">Name of its data folder.</param>
    /// <param name="evidence">With the key that all gateways sign evidence with, or with one of its own.</param>
    internal Task<TestGateway> StartAnotherAsync(string data, string replica, bool evidence)
    {
        CopyKeys(data);
        if (!evidence)
        {
            File.Delete(Path.Combine(log!.Folder(data), "keys", "evidence.pem"));
        }

        return TestGateway.StartAsync(log!.Folder(data), log.Settings(replica));
    }

    internal string Sql(string sql) => log!.Sql(sql);

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
        return await Answer.OfAsync(response, Token);
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

    /// <summary>With the key of the tokens.</summary>
    private void CopyKeys(string node)
    {
        log!.CopyKeys("a", node);
        Directory.CreateDirectory(Path.Combine(log.Folder(node), "identity"));
        File.Copy(Path.Combine(log.Folder("a"), "identity", "development-issuer.pem"), Path.Combine(log.Folder(node), "identity", "development-issuer.pem"));
    }
}
