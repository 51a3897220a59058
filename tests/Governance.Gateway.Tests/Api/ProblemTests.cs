using System.Net;
using System.Text.Json.Nodes;

namespace Governance.Gateway.Tests.Api;

/// <summary>Every error has the one form; lists have pages.</summary>
public sealed class ProblemTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private TestGateway Gateway => fixture.Gateway;

    [Theory]
    [InlineData("/api/v1/models/nothing", 404, "model-unknown")]
    [InlineData("/api/v1/models/nothing/versions/1", 404, "model-unknown")]
    [InlineData("/api/v1/models/nothing/versions/1/gate", 404, "version-unknown")]
    [InlineData("/api/v1/datasets/nothing", 404, "dataset-unknown")]
    [InlineData("/api/v1/runs/nothing", 404, "run-unknown")]
    [InlineData("/api/v1/runs/nothing/events", 404, "run-unknown")]
    [InlineData("/api/v1/evidence/nothing", 404, "evidence-unknown")]
    [InlineData("/api/v1/erasures/nothing", 404, "erasure-unknown")]
    [InlineData("/api/v1/reports/nothing", 404, "report-unknown")]
    [InlineData("/api/v1/decisions/0", 404, "decision-unknown")]
    [InlineData("/api/v1/ledger/logs/nothing/checkpoint", 404, "log-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/proofs/99", 404, "entry-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/proofs/-1", 404, "entry-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/entries/99", 404, "entry-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/entries/-1", 404, "entry-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/tile", 404, "tile-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/tile/0/001", 404, "tile-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/tile/0/000.p/255", 404, "tile-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/tile/0/..%2f..%2fkeys", 404, "tile-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/tile/entries/%2e%2e/%2e%2e/origin", 404, "not-found")]
    [InlineData("/api/v1/ledger/logs/governance/tile/00/000", 404, "tile-unknown")]
    [InlineData("/api/v1/ledger/logs/nothing/tile/0/000", 404, "log-unknown")]
    [InlineData("/api/v1/ledger/logs/governance/entries?order=up", 400, "malformed-request")]
    [InlineData("/api/v1/models?pageSize=0", 400, "malformed-request")]
    [InlineData("/api/v1/models?pageSize=201", 400, "malformed-request")]
    [InlineData("/api/v1/models?pageSize=many", 400, "malformed-request")]
    [InlineData("/api/v1/ledger/logs/governance/entries?pageToken=x", 400, "malformed-request")]
    [InlineData("/api/v1/nothing", 404, "not-found")]
    public async Task What_is_not_there_is_said_in_one_form(string path, int status, string code) =>
        (await Gateway.GetAsync(path)).MustBe((HttpStatusCode)status, code);

    [Theory]
    [InlineData("/api/v1/me")]
    [InlineData("/api/v1/models")]
    [InlineData("/api/v1/ledger/logs")]
    [InlineData("/api/v1/decisions/0")]
    [InlineData("/api/v1/nothing")]
    public async Task Without_a_token_nothing_is_told(string path) =>
        (await Gateway.GetAsync(path, persona: null)).MustBe(HttpStatusCode.Unauthorized, "unauthenticated");

    [Fact]
    public async Task Another_method_is_refused_in_the_same_form() =>
        (await Gateway.SendAsync(HttpMethod.Delete, "/api/v1/models", "dana", content: null)).MustBe(HttpStatusCode.MethodNotAllowed, "method-not-allowed");

    public static TheoryData<string, string, string> OthersActs() => new()
    {
        { "/api/v1/models", "victor", "{\"id\":\"m-one\",\"name\":\"n\",\"use\":\"u\",\"tier\":\"one\",\"owner\":\"olivia\",\"developers\":[],\"jurisdictions\":[\"EU\"],\"automation\":\"sole\"}" },
        { "/api/v1/models/nothing/tier", "dana", "{\"tier\":\"one\"}" },
        { "/api/v1/models/nothing/versions/1/runs", "olivia", "{}" },
        { "/api/v1/models/nothing/versions/1/promotions", "dana", "{}" },
        { "/api/v1/models/nothing/versions/1/suspension", "dana", "{\"reason\":\"r\"}" },
        { "/api/v1/erasures", "carla", "{\"subject\":\"s\",\"ground\":\"objection\"}" },
        { "/api/v1/erasures/nothing/execution", "carla", "" },
    };

    [Theory]
    [MemberData(nameof(OthersActs))]
    public async Task What_is_another_role_s_to_do_is_refused_before_it_is_said_whether_it_exists(string path, string persona, string body) =>
        (await Gateway.PostAsync(path, body, persona)).MustBe(HttpStatusCode.Forbidden, "role-required");

    [Fact]
    public async Task Health_is_open_and_says_ready()
    {
        foreach (var path in new[] { "/health/live", "/health/ready", "/v2", "/v2/health/live", "/v2/health/ready" })
        {
            (await Gateway.GetAsync(path, persona: null)).MustBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Lists_come_in_pages_that_hold_everything_once_in_order()
    {
        foreach (var i in Enumerable.Range(0, 7))
        {
            (await Gateway.PostAsync("/api/v1/models", Lender.Registration("page-" + i), "dana")).MustBe(HttpStatusCode.Created);
        }

        var models = await PagesAsync("/api/v1/models?pageSize=3", m => m["id"]!.GetValue<string>());
        Assert.Equal(models.Order(StringComparer.Ordinal).Distinct(), models);
        Assert.Equal(7, models.Count(m => m.StartsWith("page-", StringComparison.Ordinal)));

        var entries = await PagesAsync("/api/v1/ledger/logs/governance/entries?pageSize=3", e => e["index"]!.GetValue<long>());
        Assert.Equal(Enumerable.Range(0, entries.Count).Select(i => (long)i), entries);
        var newest = await PagesAsync("/api/v1/ledger/logs/governance/entries?pageSize=3&order=desc", e => e["index"]!.GetValue<long>());
        Assert.Equal(entries.AsEnumerable().Reverse(), newest);
    }

    private async Task<List<T>> PagesAsync<T>(string path, Func<JsonNode, T> key)
    {
        var all = new List<T>();
        string? token = null;
        do
        {
            var page = await Gateway.ReadAsync(path + (token is null ? "" : "&pageToken=" + Uri.EscapeDataString(token)));
            var items = page["items"]!.AsArray();
            Assert.InRange(items.Count, 1, 3);
            all.AddRange(items.Select(i => key(i!)));
            token = page["next"]?.GetValue<string>();
        }
        while (token is not null);
        return all;
    }
}
