using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Governance.Gateway.Tests.Api;
using Governance.Gateway.Tests.Notifications;
using Governance.Gateway.Watching;
using Governance.Testing;

namespace Governance.Gateway.Tests.Watching;

public sealed partial class TelemetryTests(LenderFixture lender)
{
    private static readonly string[] Metrics = [InferenceMeter.Requests, InferenceMeter.Rows, InferenceMeter.Duration, InferenceMeter.OpenAlerts, InferenceMeter.Stability];
    private static readonly string[] Tags = ["governance.route", "governance.version", "governance.arm", "governance.outcome", "governance.decision", "governance.variable"];

    [Fact]
    public async Task A_collector_is_sent_metrics_and_traces_without_callers_or_subjects()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var collector = await WebhookReceiver.StartAsync();
        collector.Answer = HttpStatusCode.OK;
        await using (var gateway = await TestGateway.StartAsync(copy.Path, $"Telemetry:Endpoint={collector.Address}", "Telemetry:TracedShare=1", "Telemetry:IntervalSeconds=300"))
        {
            await gateway.TokenAsync("loans-app");
            for (var i = 0; i < 25; i++)
            {
                (await Lender.InferAsync(gateway, "TELEMETRY-SUBJECT", i)).MustBe(HttpStatusCode.OK);
            }

            await ((RouteWatching)gateway.Services.GetService(typeof(RouteWatching))!).RunAsync(TestContext.Current.CancellationToken);
        }

        var metrics = Sent("/v1/metrics");
        Assert.All([.. Metrics, "http.server.request.duration"], name => Assert.Contains(name, metrics, StringComparison.Ordinal));
        Assert.All(Tags, name => Assert.Contains(name, metrics, StringComparison.Ordinal));
        Assert.Contains("/infer", Sent("/v1/traces"), StringComparison.Ordinal);
        Assert.All(collector.Received, r =>
        {
            var text = Encoding.Latin1.GetString(r.Body);
            Assert.DoesNotContain("TELEMETRY-SUBJECT", text, StringComparison.Ordinal);
            Assert.DoesNotContain("loans-app", text, StringComparison.Ordinal);
        });

        string Sent(string path) => string.Concat(collector.Received.Where(r => r.Path == path).Select(r => Encoding.Latin1.GetString(r.Body)));
    }

    [Fact]
    public void The_dashboard_asks_only_for_metrics_that_exist()
    {
        var file = Path.Combine(SharedMaterial.RepositoryRoot, "deploy", "grafana", "governance.json");
        var dashboard = JsonNode.Parse(File.ReadAllText(file))!;
        var known = Tags.Concat(
        [
            InferenceMeter.Requests + "_total", InferenceMeter.Rows + "_total", InferenceMeter.Duration + "_seconds_bucket", InferenceMeter.OpenAlerts,
            InferenceMeter.Stability + "_ratio", "http.server.request.duration_seconds_count", "http.response.status_code",
        ]).Select(n => n.Replace('.', '_')).ToHashSet(StringComparer.Ordinal);
        var expressions = dashboard["panels"]!.AsArray().SelectMany(p => p!["targets"]?.AsArray() ?? []).Select(t => t!["expr"]!.GetValue<string>()).ToList();
        Assert.True(expressions.Count >= 6);
        Assert.All(expressions, e => Assert.NotEmpty(Name().Matches(e)));
        Assert.DoesNotContain(expressions.SelectMany(e => Name().Matches(e).Select(m => m.Value)), n => !known.Contains(n));
    }

    [Theory]
    [InlineData("Telemetry:Endpoint=collector:4317")]
    [InlineData("Telemetry:IntervalSeconds=0")]
    [InlineData("Telemetry:TracedShare=2")]
    public async Task Settings_that_make_no_sense_stop_the_start(string setting)
    {
        using var folder = new TempFolder();
        var refused = await Assert.ThrowsAsync<Gateway.Identity.StartupRefusedException>(() => TestGateway.StartAsync(folder.Path, setting));
        Assert.Contains("Gateway:" + setting.Split('=')[0], refused.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex("(?:governance|http)_[a-z_]+", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
