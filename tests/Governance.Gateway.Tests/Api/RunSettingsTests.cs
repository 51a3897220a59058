using System.Net;

namespace Governance.Gateway.Tests.Api;

/// <summary>What a run computes with beside the version, over HTTP.</summary>
[Collection(nameof(LenderFixture))]
public sealed class RunSettingsTests(LenderFixture lender)
{
    private const string Runs = $"/api/v1/models/{Lender.Model}/versions/1/runs";

    [Fact]
    public async Task A_run_compares_with_another_version_and_says_so()
    {
        var gateway = await lender.GatewayAsync();
        var body = new
        {
            checks = new[] { "validation.champion_challenger" },
            seed = 1,
            champion = 2,
            parameters = new Dictionary<string, object> { ["validation.champion_challenger"] = new { margin = 0.02 } },
            featureRules = new Dictionary<string, object>(),
        };

        var started = (await gateway.PostAsync(Runs, body, "victor")).MustBe(HttpStatusCode.Accepted);
        var events = await gateway.GetAsync($"{started.Headers["Location"]}/events", "victor");

        Assert.Contains("\"status\":\"recorded\"", events.MustBe(HttpStatusCode.OK).Text, StringComparison.Ordinal);
        var run = await gateway.ReadAsync(started.Headers["Location"]);
        Assert.Equal(2, run["settings"]!["champion"]!.GetValue<int>());
        Assert.Equal(0.02, run["settings"]!["parameters"]![0]!["value"]!.GetValue<double>());
        Assert.StartsWith("sha256:", run["settings"]!["featureRules"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"champion":1}""", "compared-version")]
    [InlineData("""{"previous":99}""", "compared-version")]
    [InlineData("""{"alternatives":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]}""", "run-alternatives")]
    [InlineData("""{"parameters":{"no.such":{"a":1}}}""", "check-unknown")]
    [InlineData("""{"parameters":{"validation.stability":{"no_such":1}}}""", "run-parameter")]
    [InlineData("""{"parameters":{"validation.stability":{"bins":2.5}}}""", "run-parameter")]
    [InlineData("""{"parameters":{"validation.stability":{"bins":1000}}}""", "run-parameter")]
    [InlineData("""{"featureRules":{"no_such_feature":{}}}""", "feature-rules")]
    [InlineData("""{"featureRules":[1]}""", "feature-rules")]
    public async Task Bad_settings_are_refused(string body, string code)
    {
        var gateway = await lender.GatewayAsync();
        (await gateway.PostAsync(Runs, body, "victor")).MustBe(HttpStatusCode.UnprocessableEntity, code);
    }
}
