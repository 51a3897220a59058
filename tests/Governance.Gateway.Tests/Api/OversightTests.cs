using System.Net;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Policy.Life;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Api;

/// <summary>Findings and waivers over HTTP, on the lender's models and the starter pack; and what time does to them.</summary>
[Collection(nameof(LenderFixture))]
public sealed class OversightTests(LenderFixture lender)
{
    private const string Findings = "/api/v1/findings";
    private const string Waivers = "/api/v1/waivers";
    private const string FirstWaiver = Waivers + "/" + Lender.Model + ".w1";

    [Fact]
    public async Task A_critical_finding_closes_the_gate_until_somebody_else_verified_that_it_is_mended()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var raised = (await gateway.PostAsync(Findings, Finding(1, "critical"), "victor", "once")).MustBe(HttpStatusCode.Created);
        Assert.Equal($"{Findings}/{Lender.Model}.f1", raised.Headers["Location"]);
        Assert.Equal(raised.Text, (await gateway.PostAsync(Findings, Finding(1, "critical"), "victor", "once")).MustBe(HttpStatusCode.Created).Text);
        Assert.True((await RuleAsync(gateway, 2, "findings-closed"))["blocks"]!.GetValue<bool>());

        var finding = raised.Headers["Location"];
        (await gateway.PostAsync(finding + "/closure", new { role = "validator", verification = "Seen." }, "victor")).MustBe(HttpStatusCode.Forbidden, "second-person-closes");
        (await gateway.PostAsync(finding + "/closure", new { role = "committee", verification = "Seen." }, "chris")).MustBe(HttpStatusCode.Conflict, "finding-unanswered");
        (await gateway.PostAsync(finding + "/answers", new { response = "Mended." }, "olivia")).MustBe(HttpStatusCode.Forbidden, "not-the-owner");
        (await gateway.PostAsync(finding + "/answers", new { response = "Retrained." }, "dana")).MustBe(HttpStatusCode.OK);
        Assert.Equal("answered", (await gateway.ReadAsync(finding))["status"]!.GetValue<string>());
        Assert.True((await RuleAsync(gateway, 2, "findings-closed"))["blocks"]!.GetValue<bool>());
        (await gateway.PostAsync(finding + "/closure", new { role = "emperor", verification = "Seen." }, "chris")).MustBe(HttpStatusCode.UnprocessableEntity, "unknown-role");
        (await gateway.PostAsync(finding + "/closure", new { role = "committee", verification = "Replicated." }, "chris")).MustBe(HttpStatusCode.OK);
        Assert.Equal("pass", (await RuleAsync(gateway, 2, "findings-closed"))["status"]!.GetValue<string>());
        (await gateway.PostAsync(finding + "/reopening", new { reason = "Back.", due = Later(30) }, "carla")).MustBe(HttpStatusCode.OK);
        Assert.Equal(["answered", "closed", "open"], (await gateway.ReadAsync(finding))["notes"]!.AsArray().Select(n => n!["status"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Lists_are_filtered_paged_and_as_of_an_instant()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var before = DateTimeOffset.UtcNow;
        foreach (var (version, severity) in new[] { (1, "low"), (2, "high"), (1, "high") })
        {
            (await gateway.PostAsync(Findings, Finding(version, severity), "victor")).MustBe(HttpStatusCode.Created);
        }

        Assert.Equal(["f1", "f2", "f3"], await IdsAsync(gateway, Findings));
        Assert.Equal(["f2", "f3"], await IdsAsync(gateway, Findings + "?severity=high"));
        Assert.Equal(["f1", "f3"], await IdsAsync(gateway, Findings + "?version=1&status=open&overdue=false"));
        Assert.Empty(await IdsAsync(gateway, Findings + "?modelId=nothing"));
        Assert.Empty(await IdsAsync(gateway, $"{Findings}?asOf={Uri.EscapeDataString(before.ToString("O", System.Globalization.CultureInfo.InvariantCulture))}"));
        var page = await gateway.ReadAsync(Findings + "?pageSize=2");
        Assert.Equal(2, page["items"]!.AsArray().Count);
        Assert.Equal(["f3"], await IdsAsync(gateway, $"{Findings}?pageSize=2&pageToken={page["next"]}"));
        (await gateway.GetAsync(Findings + "?status=pending")).MustBe(HttpStatusCode.BadRequest, "malformed-request");
        (await gateway.GetAsync(Findings + "/nothing.f1")).MustBe(HttpStatusCode.NotFound, "finding-unknown");
        (await gateway.GetAsync(Waivers + "/nothing.w1")).MustBe(HttpStatusCode.NotFound, "waiver-unknown");
        (await gateway.GetAsync(Findings, persona: null)).MustBe(HttpStatusCode.Unauthorized, "unauthenticated");
        var invalid = (await gateway.PostAsync(Findings, Finding(1, "low", owner: "victor"), "victor")).MustBe(HttpStatusCode.UnprocessableEntity, "invalid-finding");
        Assert.Single(invalid.Faults);
    }

    [Fact]
    public async Task A_waiver_of_two_lines_lets_one_rule_pass_and_is_named_in_the_decision()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        (await gateway.PostAsync(Findings, Finding(2, "high"), "victor")).MustBe(HttpStatusCode.Created);
        Assert.Equal("violation", (await RuleAsync(gateway, 2, "findings-high"))["status"]!.GetValue<string>());

        (await gateway.PostAsync(Waivers, Waiver(2, "findings-closed"), "dana")).MustBe(HttpStatusCode.Forbidden, "not-waivable");
        (await gateway.PostAsync(Waivers, Waiver(2, "findings-hihg"), "dana")).MustBe(HttpStatusCode.UnprocessableEntity, "rule-unknown");
        (await gateway.PostAsync(Waivers, Waiver(2, "findings-high"), "dana")).MustBe(HttpStatusCode.Created);
        (await gateway.PostAsync(FirstWaiver + "/approvals", new { role = "validator", comment = "Yes." }, "victor")).MustBe(HttpStatusCode.Conflict, "approval-not-needed");
        (await gateway.PostAsync(FirstWaiver + "/approvals", new { role = "owner", comment = "Yes." }, "dana")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.PostAsync(FirstWaiver + "/approvals", new { role = "owner", comment = "Yes." }, "olivia")).MustBe(HttpStatusCode.OK);
        Assert.Equal("violation", (await RuleAsync(gateway, 2, "findings-high"))["status"]!.GetValue<string>());
        var active = (await gateway.PostAsync(FirstWaiver + "/approvals", new { role = "committee", comment = "Yes." }, "chris")).MustBe(HttpStatusCode.OK).Json;
        Assert.Equal("active", active["status"]!.GetValue<string>());

        var rule = await RuleAsync(gateway, 2, "findings-high");
        Assert.Equal(("waived", Lender.Model + ".w1"), (rule["status"]!.GetValue<string>(), rule["waiver"]!.GetValue<string>()));
        Assert.Equal(["w1"], await IdsAsync(gateway, Waivers + "?status=active"));
        var renewal = (await gateway.PostAsync(FirstWaiver + "/renewals", new { reason = "Longer.", expires = Later(80) }, "dana")).MustBe(HttpStatusCode.Created).Json;
        Assert.Equal((3, Lender.Model + ".w1"), (renewal["level"]!.GetValue<int>(), renewal["renewalOf"]!.GetValue<string>()));
        (await gateway.PostAsync($"{Waivers}/{Lender.Model}.w2/denial", new { role = "dpo", reason = "No." }, "dora")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync(FirstWaiver + "/review", new { upheld = true, comment = "Fine." }, "chris")).MustBe(HttpStatusCode.Forbidden, "self-approval");
        (await gateway.PostAsync(FirstWaiver + "/revocation", new { reason = "Losses." }, "carla")).MustBe(HttpStatusCode.OK);
        Assert.Equal("violation", (await RuleAsync(gateway, 2, "findings-high"))["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_a_waiver_of_a_serving_version_ends_the_gateway_records_it_and_alerts_or_suspends(bool suspends)
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using (var gateway = await TestGateway.StartAsync(copy.Path))
        {
            if (suspends)
            {
                await Lender.PublishAsync(gateway, Suspending());
            }

            (await gateway.PostAsync(Findings, Finding(2, "medium"), "victor")).MustBe(HttpStatusCode.Created);
            (await gateway.PostAsync(Waivers, Waiver(2, "findings-high"), "dana")).MustBe(HttpStatusCode.Created);
            (await gateway.PostAsync(FirstWaiver + "/approvals", new { role = "owner", comment = "Yes." }, "olivia")).MustBe(HttpStatusCode.OK);
            (await gateway.PostAsync(FirstWaiver + "/approvals", new { role = "committee", comment = "Yes." }, "chris")).MustBe(HttpStatusCode.OK);
            Assert.Empty((await gateway.ReadAsync("/api/v1/alerts"))["items"]!.AsArray());
        }

        var later = new ManualTime(DateTimeOffset.UtcNow.AddDays(61));
        await using var after = await TestGateway.StartAsync(copy.Path, later);
        var state = after.Services.GetRequiredService<Governor>();
        await UntilAsync(() => state.State.Waiver(Lender.Model + ".w1")!.Lapse is not null && state.State.Finding(Lender.Model + ".f1")!.OverdueRecorded);

        var entries = (await after.ReadAsync("/api/v1/ledger/logs/governance/entries?order=desc&pageSize=10"))["items"]!.AsArray().Select(e => e!["type"]!.GetValue<string>()).ToList();
        Assert.Contains("waiver.lapsed.v1", entries);
        Assert.Contains("finding.overdue.v1", entries);
        Assert.Equal(suspends, entries.Contains("version.suspended.v1"));
        var alerts = (await after.ReadAsync("/api/v1/alerts"))["items"]!.AsArray().Select(a => a!["kind"]!.GetValue<string>());
        Assert.Equal(suspends ? ["findingOverdue"] : ["waiverLapsed", "findingOverdue"], alerts);
        (await Lender.InferAsync(after, "APP-1")).MustBe(suspends ? HttpStatusCode.Conflict : HttpStatusCode.OK);
        Assert.Equal("violation", (await RuleAsync(after, 2, "waivers-current"))["status"]!.GetValue<string>());
        Assert.Equal(["f1"], await IdsAsync(after, Findings + "?overdue=true"));
    }

    [Fact]
    public async Task Nobody_signs_on_a_proof_of_identity_that_is_not_recent()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var gateway = await TestGateway.StartAsync(copy.Path, time);
        (await gateway.PostAsync(Waivers, Waiver(2, "findings-high"), "dana")).MustBe(HttpStatusCode.Created);
        await gateway.TokenAsync("olivia");
        await gateway.TokenAsync("victor");
        time.Advance(TimeSpan.FromMinutes(16));
        (await gateway.PostAsync(FirstWaiver + "/approvals", new { role = "owner", comment = "Yes." }, "olivia")).MustBe(HttpStatusCode.Forbidden, "reauthentication-required");
        (await Lender.SignOffAsync(gateway, 1, "victor", "validator")).MustBe(HttpStatusCode.Forbidden, "reauthentication-required");
        (await gateway.PostAsync(FirstWaiver + "/approvals", new { role = "committee", comment = "Yes." }, "chris")).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_joins_the_developers_signs_no_more()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        (await gateway.PostAsync($"/api/v1/models/{Lender.Model}/developers", new { person = "victor" }, "victor")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.PostAsync($"/api/v1/models/{Lender.Model}/developers", new { person = "victor" }, "olivia")).MustBe(HttpStatusCode.OK);
        (await Lender.SignOffAsync(gateway, 1, "victor", "validator")).MustBe(HttpStatusCode.Forbidden, "self-sign-off");
    }

    /// <summary>The starter pack, but the end of a waiver suspends.</summary>
    private static PolicyFiles Suspending()
    {
        var pack = PackArchive.Read(Path.Combine(SharedMaterial.RepositoryRoot, "policies", "starter"));
        var parameters = pack.Files["params.yaml"].TrimEnd() + "\n    - {name: waiver_lapse_suspends, type: boolean, value: true, description: d, basis: b}\n";
        return new PolicyFiles(new Dictionary<string, string>(pack.Files, StringComparer.Ordinal) { ["params.yaml"] = parameters }, pack.Tests);
    }

    private static object Finding(int version, string severity, string owner = "dana") => new
    {
        modelId = Lender.Model, version, title = "Overfits", description = "AUC falls out of time.", severity, owner, due = Later(30),
    };

    private static object Waiver(int version, string rule) => new
    {
        modelId = Lender.Model, version, rule, reason = "r", risk = "r", control = "c", exit = "e", expires = Later(60),
    };

    /// <summary>A date, so that the same request made twice is the same.</summary>
    private static DateTimeOffset Later(int days) => new(DateTimeOffset.UtcNow.UtcDateTime.Date.AddDays(days), TimeSpan.Zero);

    private static async Task<JsonNode> RuleAsync(TestGateway gateway, int version, string rule) =>
        (await gateway.ReadAsync($"/api/v1/models/{Lender.Model}/versions/{version}/gate"))["rules"]!.AsArray().Single(r => r!["rule"]!.GetValue<string>() == rule)!;

    private static async Task<List<string>> IdsAsync(TestGateway gateway, string path) =>
        [.. (await gateway.ReadAsync(path))["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()[(Lender.Model.Length + 1)..])];

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
