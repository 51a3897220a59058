using System.Net;
using System.Text.Json.Nodes;
using Governance.Core.State;
using Governance.Serving.Upstreams;
using Governance.Testing;

namespace Governance.Serving.Tests;

/// <summary>Scores from a server that may be slow, broken or hostile, against a real one on loopback.</summary>
public sealed class UpstreamTests : IAsyncLifetime
{
    private const string Oip = "/v2/models/credit/versions/1/infer";
    private static readonly VersionState Version = Folding.Champion.Version(Folding.Model, 1)!;
    private StubGateway server = null!;

    public async ValueTask InitializeAsync() => server = await StubGateway.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Open_inference_servers_are_asked_for_the_version_and_answer_one_score_for_each_row()
    {
        server.On("POST", Oip, Good());
        Assert.Equal([0.25, 0.75], await ScoreAsync(Options()));

        var asked = JsonNode.Parse(server.Requests.Single().Text)!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(
            """{"inputs":[{"name":"features","shape":[2,1],"datatype":"FP32","data":[0.1,2]}],"outputs":[{"name":"score"}]}"""), asked), asked.ToJsonString());
        Assert.False(server.Requests.Single().Headers.ContainsKey("Authorization"));
        Assert.False(server.Requests.Single().Headers.ContainsKey("traceparent"));
    }

    [Fact]
    public async Task Mlflow_servers_are_asked_by_column()
    {
        server.On("POST", "/invocations", StubAnswer.Json("""{"predictions":[0.25,[0.75]]}"""));
        Assert.Equal([0.25, 0.75], await ScoreAsync(Options(o => o.Protocol = UpstreamProtocol.Mlflow)));
        Assert.Equal("""{"dataframe_split":{"columns":["income"],"data":[[0.1],[2]]}}""", server.Requests.Single().Text);
    }

    public static TheoryData<string, string> Spoiled() => new()
    {
        { "no JSON", "SECRET" },
        { "an array", "[]" },
        { "no outputs", "{}" },
        { "an error", """{"error":"SECRET"}""" },
        { "another version", Text(version: "\"2\"") },
        { "a version that is a number", Text(version: "1") },
        { "another name", Text(name: "SECRET") },
        { "another type", Text(type: "INT64") },
        { "too few", Text(shape: "[2]", data: "[0.25]") },
        { "too many", Text(shape: "[2]", data: "[0.25,0.5,0.75]") },
        { "another shape", Text(shape: "[1,2]") },
        { "a huge shape", Text(shape: "[9223372036854775807]") },
        { "null", Text(data: "[0.25,null]") },
        { "a string", Text(data: "[0.25,\"NaN\"]") },
        { "NaN", Text(data: "[0.25,NaN]") },
        { "infinity", Text(data: "[0.25,1e999]") },
        { "above one", Text(data: "[0.25,1.0000001]") },
        { "below zero", Text(data: "[0.25,-0.1]") },
        { "two in one", Text(data: "[[0.25,0.5],[0.75]]") },
        { "too deep", Text(data: string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40))) },
        { "too large", Text() + new string(' ', 5_000) },
    };

    [Theory]
    [MemberData(nameof(Spoiled), DisableDiscoveryEnumeration = true)]
    public async Task An_answer_that_is_not_exactly_one_score_for_each_row_is_none(string what, string body)
    {
        server.On("POST", Oip, StubAnswer.Json(body));
        var refused = await RefusedAsync(Options(o => o.MaxResponseBytes = 4_096));
        Assert.True(refused.Code == "upstream-invalid", what + ": " + refused.Code);
        Assert.DoesNotContain("SECRET", refused.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task A_redirect_is_not_followed_and_a_refusal_is_not_repeated(int status)
    {
        server.On("POST", Oip, StubAnswer.Json("""{"error":"SECRET"}""", status));
        var refused = await RefusedAsync(Options());
        Assert.Equal("upstream-refused", refused.Code);
        Assert.DoesNotContain("SECRET", refused.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_passing_failure_is_tried_once_more()
    {
        server.OnEach("POST", Oip, StubAnswer.Json("{}", 503), Good());
        Assert.Equal([0.25, 0.75], await ScoreAsync(Options()));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Who_keeps_failing_is_left_alone()
    {
        server.On("POST", Oip, StubAnswer.Json("{}", 500));
        using var upstream = new UpstreamServer("triton", Options(), TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("upstream-unavailable", (await RefusedAsync(upstream)).Code);
        }

        Assert.InRange(server.Requests.Count, 10, 12);
    }

    [Fact]
    public async Task Who_does_not_answer_in_time_is_not_waited_for()
    {
        server.On("POST", Oip, async (_, gone) =>
        {
            await Task.Delay(Timeout.Infinite, gone);
            return Good();
        });
        Assert.Equal("upstream-unavailable", (await RefusedAsync(Options(o => o.Timeout = TimeSpan.FromMilliseconds(50)))).Code);
    }

    [Fact]
    public async Task A_caller_who_goes_away_is_not_a_failure_of_the_upstream()
    {
        using var gone = new CancellationTokenSource();
        server.On("POST", Oip, async (_, end) =>
        {
            await gone.CancelAsync();
            await Task.Delay(Timeout.Infinite, end);
            return Good();
        });
        using var upstream = new UpstreamServer("triton", Options(), TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new UpstreamScorer(upstream, Version).ScoreAsync(new float[1], 1, new double[1], gone.Token).AsTask());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task An_address_that_is_not_listed_is_not_connected_to(string host)
    {
        server.On("POST", Oip, Good());
        var options = Options(o => o.Url = $"http://{host}:{server.Address.Port}", "10.0.0.0/8");
        Assert.Equal("upstream-unavailable", (await RefusedAsync(options)).Code);
        Assert.Empty(server.Requests);
    }

    /// <summary>From the IANA special-purpose address registries, and neighbours that are public.</summary>
    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.255.254", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("::10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2606:4700:4700::1111", true)]
    public void Only_public_addresses_are_allowed_unlisted(string address, bool allowed) =>
        Assert.Equal(allowed, new AddressGuard([]).Allows(IPAddress.Parse(address)));

    [Fact]
    public void A_listed_network_is_allowed_and_nothing_else_of_its_kind()
    {
        var guard = new AddressGuard([IPNetwork.Parse("10.2.0.0/16"), IPNetwork.Parse("fd00:1::/32")]);
        Assert.True(guard.Allows(IPAddress.Parse("10.2.255.1")) && guard.Allows(IPAddress.Parse("::ffff:10.2.0.1")) && guard.Allows(IPAddress.Parse("fd00:1::5")));
        Assert.False(guard.Allows(IPAddress.Parse("10.3.0.1")) || guard.Allows(IPAddress.Parse("fd00:2::5")));
    }

    [Theory]
    [InlineData("", "Url")]
    [InlineData("ftp://h/", "Url")]
    [InlineData("http://user:pw@h/", "Url")]
    [InlineData("http://h/?a=b", "Url")]
    public void Settings_that_make_no_sense_are_named(string url, string named) =>
        Assert.Contains("Gateway:Upstreams:triton:" + named, Assert.Single(new UpstreamOptions { Url = url }.Faults("triton")), StringComparison.Ordinal);

    private static string Text(string version = "\"1\"", string name = "score", string type = "FP64", string shape = "[2]", string data = "[0.25,0.75]") =>
        $$"""{"model_name":"credit","model_version":{{version}},"outputs":[{"name":"{{name}}","datatype":"{{type}}","shape":{{shape}},"data":{{data}}}]}""";

    private static StubAnswer Good() => StubAnswer.Json(Text());

    private UpstreamOptions Options(Action<UpstreamOptions>? change = null, string allowed = "127.0.0.0/8")
    {
        // A busy machine is no slow upstream.
        var options = new UpstreamOptions { Url = server.Address.ToString(), AllowedNetworks = [allowed], Timeout = TimeSpan.FromMinutes(1) };
        change?.Invoke(options);
        Assert.Empty(options.Faults("triton"));
        return options;
    }

    private static async Task<IReadOnlyList<double>> ScoreAsync(UpstreamOptions options)
    {
        using var upstream = new UpstreamServer("triton", options, TimeProvider.System);
        var scores = new double[2];
        await new UpstreamScorer(upstream, Version).ScoreAsync(new[] { 0.1f, 2f }, 2, scores, TestContext.Current.CancellationToken);
        return scores;
    }

    private static async Task<ScoringException> RefusedAsync(UpstreamOptions options)
    {
        using var upstream = new UpstreamServer("triton", options, TimeProvider.System);
        return await RefusedAsync(upstream);
    }

    private static Task<ScoringException> RefusedAsync(UpstreamServer upstream) => Assert.ThrowsAsync<ScoringException>(
        () => new UpstreamScorer(upstream, Version).ScoreAsync(new[] { 0.1f, 2f }, 2, new double[2], TestContext.Current.CancellationToken).AsTask());
}
