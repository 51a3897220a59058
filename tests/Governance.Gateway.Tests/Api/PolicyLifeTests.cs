using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Gates;
using Governance.Core.Inventory;
using Governance.Gateway.Hosting;
using Governance.Gateway.Policy;
using Governance.Gateway.Watching;
using Governance.Policy.Life;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Api;

/// <summary>A pack's way into force over HTTP, on a copy of the lender's gateway: dry run, proposal, approval, switch, guards, replay.</summary>
public sealed class PolicyLifeTests(LenderFixture lender)
{
    private const string Proposals = "/api/v1/policy/proposals";
    private static readonly string Starter = Path.Combine(SharedMaterial.RepositoryRoot, "policies", "starter");

    [Fact]
    public async Task EveryDecisionOfTheWalk_ReplaysBitForBit_AndAChangedDocumentIsNoticed()
    {
        var walked = await lender.GatewayAsync();
        using var copy = walked.CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var entries = await DecisionsAsync(gateway);
        Assert.Contains(entries, e => e.Gate == "submit");
        Assert.Contains(entries, e => e.Gate == "approve");
        Assert.Contains(entries, e => e.Gate == "promote" && e.Status == "denied");
        foreach (var (index, _, _, _) in entries)
        {
            var verdict = await gateway.ReadAsync($"/api/v1/gate-decisions/{index}/replay");
            Assert.True(verdict["reproduced"]!.GetValue<bool>(), verdict.ToJsonString());
        }

        (await gateway.GetAsync("/api/v1/gate-decisions/0")).MustBe(HttpStatusCode.NotFound, "gate-decision-unknown");

        var (entry, _, _, input) = entries.Last(e => e.Gate == "promote");
        var path = copy.File(Path.Combine("artifacts", input.Hex[..2], input.Hex[2..]));
        await File.AppendAllTextAsync(path, " ", TestContext.Current.CancellationToken);
        var altered = await gateway.ReadAsync($"/api/v1/gate-decisions/{entry}/replay");
        Assert.False(altered["reproduced"]!.GetValue<bool>());
        Assert.Equal("inputDigest", altered["mismatches"]![0]!["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task AStricterPack_IsDryRunProposedApprovedAndDecides_AndIsRolledBack()
    {
        var walked = await lender.GatewayAsync();
        using var copy = walked.CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var shipped = (await gateway.ReadAsync("/api/v1/policy"))["archive"]!.GetValue<string>();
        var pack = Stricter();

        var dryRun = (await gateway.PostAsync("/api/v1/policy/dry-runs", Json(pack), "victor")).MustBe(HttpStatusCode.OK);
        var report = JsonNode.Parse(dryRun.Text.Split('\n').Last(l => l.StartsWith("data:", StringComparison.Ordinal))["data:".Length..])!["report"]!;
        Assert.Equal(1, report["liveExamined"]!.GetValue<int>());
        var live = Assert.Single(report["live"]!.AsArray())!;
        Assert.Equal(("allowed", "denied"), (live["before"]!.GetValue<string>(), live["after"]!.GetValue<string>()));
        Assert.Contains(report["changes"]!.AsArray(), c => c!["id"]!.GetValue<string>() == "auc_min");
        Assert.Equal(0, report["pastUnreadable"]!.GetValue<int>());
        Assert.True(report["pastDiffering"]!.GetValue<int>() > 0);

        var body = Json(new ProposePolicyRequest(pack, "Raises the least AUC."));
        (await gateway.PostAsync(Proposals, body, "dana")).MustBe(HttpStatusCode.Forbidden, "role-required");
        var proposed = (await gateway.PostAsync(Proposals, body, "victor")).MustBe(HttpStatusCode.Created).Json;
        var (id, archive) = (proposed["id"]!.GetValue<string>(), proposed["archive"]!.GetValue<string>());
        Assert.Equal("proposed", proposed["status"]!.GetValue<string>());
        Assert.Equal(report["past"]!.ToJsonString(), proposed["dryRun"]!["past"]!.ToJsonString());
        (await gateway.PostAsync($"{Proposals}/{id}/approval", new { archive = shipped, comment = "Good." }, "carla")).MustBe(HttpStatusCode.Conflict, "binding-changed");
        (await gateway.PostAsync($"{Proposals}/{id}/approval", new { archive, comment = "Good." }, "victor")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.PostAsync($"{Proposals}/{id}/approval", new { archive, comment = "Looked at the dry run." }, "carla")).MustBe(HttpStatusCode.OK);

        Assert.Equal(archive, (await gateway.ReadAsync("/api/v1/policy"))["archive"]!.GetValue<string>());
        var gate = await gateway.ReadAsync($"/api/v1/models/{Lender.Model}/versions/{LenderFixture.CorrectedVersion}/gate");
        Assert.Contains(gate["rules"]!.AsArray(), r => r!["threshold"]?.GetValue<double>() == 0.99);

        // Restarting with the shipped folder changes nothing; going back is a proposal like any other.
        await gateway.DisposeAsync();
        await using var again = await TestGateway.StartAsync(copy.Path);
        Assert.Equal(archive, (await again.ReadAsync("/api/v1/policy"))["archive"]!.GetValue<string>());
        var back = (await again.PostAsync(Proposals, Json(new ProposePolicyRequest(new PolicyFiles(Archive: Digest.Parse(shipped)), "Back.")), "victor")).MustBe(HttpStatusCode.Created).Json;
        (await again.PostAsync($"{Proposals}/{back["id"]}/approval", new { archive = shipped, comment = "Back." }, "carla")).MustBe(HttpStatusCode.OK);
        Assert.Equal(shipped, (await again.ReadAsync("/api/v1/policy"))["archive"]!.GetValue<string>());
        Assert.Equal(3, (await again.ReadAsync("/api/v1/policy/releases"))["items"]!.AsArray().Count);

        foreach (var (index, _, _, _) in await DecisionsAsync(again))
        {
            Assert.True((await again.ReadAsync($"/api/v1/gate-decisions/{index}/replay"))["reproduced"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task AFaultyPack_IsRefusedWithItsPlace_AndAFailingOrUntestedOneToo()
    {
        using var folder = new TempFolder();
        await using var gateway = await TestGateway.StartAsync(folder.Path);
        var pack = PackArchive.Read(Starter);

        var misspelt = Changed(pack.Files, "performance.yaml", "discrimination.auc.value", "discrimination.aucc.value");
        var refused = (await gateway.PostAsync(Proposals, Json(new ProposePolicyRequest(new PolicyFiles(misspelt, pack.Tests), "x")), "victor"))
            .MustBe(HttpStatusCode.UnprocessableEntity, "invalid-policy");
        Assert.Matches("^ERROR: performance.yaml:[0-9]+:[0-9]+: .*'aucc'; did you mean 'auc'.*\n \\| .*\n \\| +\\^$", refused.Faults[0]);

        var failing = Changed(pack.Tests, "biased/expected.yaml", "status: denied", "status: allowed");
        refused = (await gateway.PostAsync(Proposals, Json(new ProposePolicyRequest(new PolicyFiles(pack.Files, failing), "x")), "victor"))
            .MustBe(HttpStatusCode.UnprocessableEntity, "policy-tests-failed");
        Assert.StartsWith("biased: status: expected allowed, found Denied", refused.Faults[0], StringComparison.Ordinal);

        (await gateway.PostAsync(Proposals, Json(new ProposePolicyRequest(new PolicyFiles(pack.Files), "x")), "victor")).MustBe(HttpStatusCode.UnprocessableEntity, "policy-untested");
        (await gateway.PostAsync(Proposals, Json(new ProposePolicyRequest(new PolicyFiles(pack.Files, pack.Tests), "x")), "victor")).MustBe(HttpStatusCode.Conflict, "policy-unchanged");
        (await gateway.PostAsync(Proposals, Json(new ProposePolicyRequest(new PolicyFiles(), "x")), "victor")).MustBe(HttpStatusCode.UnprocessableEntity, "invalid-policy");
        (await gateway.PostAsync(Proposals, Json(new ProposePolicyRequest(new PolicyFiles(Archive: Digest.Of("none"u8)), "x")), "victor")).MustBe(HttpStatusCode.NotFound, "archive-unknown");
        (await gateway.PostAsync(Proposals, Json(new ProposePolicyRequest(new PolicyFiles(new Dictionary<string, string> { ["../x.yaml"] = "" }), "x")), "victor"))
            .MustBe(HttpStatusCode.UnprocessableEntity, "invalid-policy");
        Assert.Empty((await gateway.ReadAsync(Proposals))["items"]!.AsArray());
    }

    [Fact]
    public async Task AGuard_RefusesARequestByItsPurpose_AndTheRefusalIsRecorded()
    {
        var walked = await lender.GatewayAsync();
        using var copy = walked.CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        await Lender.PublishAsync(gateway, Guarded());

        var refused = (await gateway.PostAsync(Lender.Route, Call("marketing", "EU"), "loans-app")).MustBe(HttpStatusCode.Forbidden, "policy-refused");
        Assert.Contains("purpose-allowed", refused.Faults[0], StringComparison.Ordinal);
        Assert.Contains("Ask for a purpose the model is approved for.", refused.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        var silent = (await Lender.InferAsync(gateway, "APP-7")).MustBe(HttpStatusCode.Forbidden, "policy-refused");
        Assert.Contains("purpose", silent.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);

        var entries = (await gateway.ReadAsync("/api/v1/ledger/logs/inference/entries?order=desc&pageSize=2"))["items"]!.AsArray();
        Assert.All(entries, e => Assert.Equal("inference-refused.v1", e!["type"]!.GetValue<string>()));
        Assert.All(entries, e => Assert.DoesNotContain("APP-", e!.ToJsonString(), StringComparison.Ordinal));

        await gateway.Services.GetRequiredService<RouteWatching>().RunAsync(TestContext.Current.CancellationToken);
        (await gateway.PostAsync(Lender.Route, Call("credit-decision", "EU"), "loans-app")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync(Lender.Route, Call("credit-decision", "US"), "loans-app")).MustBe(HttpStatusCode.Forbidden, "policy-refused");
        var far = Call("credit-decision", "EU");
        far["inputs"]![0]!["data"]![0] = 1e9f;
        var unseen = (await gateway.PostAsync(Lender.Route, far, "loans-app")).MustBe(HttpStatusCode.Forbidden, "policy-refused");
        Assert.Contains("inputs-in-range", unseen.Faults[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitoring_SuspendsAVersionThatPolicyNoLongerAllows()
    {
        var walked = await lender.GatewayAsync();
        using var copy = walked.CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var monitor = gateway.Services.GetRequiredService<MonitorSchedule>();
        await monitor.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal("promoted", (await VersionAsync(gateway))["status"]!.GetValue<string>());

        await Lender.PublishAsync(gateway, Monitored("live.days_serving", most: -1));
        await monitor.RunAsync(TestContext.Current.CancellationToken);
        var version = await VersionAsync(gateway);
        Assert.Equal("suspended", version["status"]!.GetValue<string>());
        Assert.Contains("serving-too-long", version["statusReason"]!.GetValue<string>(), StringComparison.Ordinal);
        (await Lender.InferAsync(gateway, "APP-7")).MustBe(HttpStatusCode.Conflict, "suspended");
        var last = (await DecisionsAsync(gateway))[^1];
        Assert.Equal(("monitor", "denied"), (last.Gate, last.Status));
        Assert.True((await gateway.ReadAsync($"/api/v1/gate-decisions/{last.Index}/replay"))["reproduced"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Monitoring_CountsADecisionAboutSeveralPeople()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var answered = gateway.Services.GetRequiredService<GovernanceLogs>().Inference.Log.Reader.ReadFrom(0).Count(
            e => System.Text.Encoding.UTF8.GetString(e.Bytes.Span).Contains("\"type\":\"inference.v", StringComparison.Ordinal));
        await Lender.PublishAsync(gateway, Monitored("double(live.answered)", answered));
        var monitor = gateway.Services.GetRequiredService<MonitorSchedule>();
        await monitor.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal("promoted", (await VersionAsync(gateway))["status"]!.GetValue<string>());

        var couple = Lender.Call("x");
        couple["parameters"] = JsonNode.Parse("""{"subject_ids":[["APP-1","APP-2"]]}""");
        (await gateway.PostAsync(Lender.Route, couple, "loans-app")).MustBe(HttpStatusCode.OK);
        await monitor.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal("suspended", (await VersionAsync(gateway))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task AManyRuledDecision_IsRecordedWhole()
    {
        var walked = await lender.GatewayAsync();
        using var copy = walked.CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        await Lender.PublishAsync(gateway, ManyRules(600));
        var refused = (await Lender.PromoteAsync(gateway, LenderFixture.BiasedVersion)).MustBe(HttpStatusCode.Conflict, "gate-denied");
        Assert.True(refused.Body.Length > 65_535, "The decision must be larger than an entry of the log.");
        var last = (await DecisionsAsync(gateway))[^1];
        var decision = await gateway.ReadAsync($"/api/v1/gate-decisions/{last.Index}");
        Assert.True(decision["decision"]!["rules"]!.AsArray().Count >= 600);
        Assert.True((await gateway.ReadAsync($"/api/v1/gate-decisions/{last.Index}/replay"))["reproduced"]!.GetValue<bool>());
    }

    private static Task<JsonNode> VersionAsync(TestGateway gateway) => gateway.ReadAsync($"/api/v1/models/{Lender.Model}/versions/{LenderFixture.CorrectedVersion}");

    private static string Json<T>(T value) => System.Text.Encoding.UTF8.GetString(GovernanceJson.Serialize(value));

    /// <summary>Recorded gate decisions, oldest first.</summary>
    private static async Task<List<(long Index, string Gate, string Status, Digest Input)>> DecisionsAsync(TestGateway gateway)
    {
        var found = new List<(long, string, string, Digest)>();
        string? token = null;
        do
        {
            var page = await gateway.ReadAsync($"/api/v1/ledger/logs/governance/entries?pageSize=200{(token is null ? "" : "&pageToken=" + token)}");
            found.AddRange(page["items"]!.AsArray().Where(e => e!["type"]!.GetValue<string>() == "gate.decided.v2").Select(e =>
            {
                var recorded = e!["entry"]!["event"]!;
                return (e["index"]!.GetValue<long>(), recorded["gate"]!.GetValue<string>(), recorded["status"]!.GetValue<string>(), Digest.Parse(recorded["input"]!.GetValue<string>()));
            }));
            token = page["next"]?.GetValue<string>();
        }
        while (token is not null);
        return found;
    }

    private static JsonObject Call(string purpose, string jurisdiction)
    {
        var call = Lender.Call("APP-7");
        call["parameters"]!["purpose"] = purpose;
        call["parameters"]!["jurisdiction"] = jurisdiction;
        return call;
    }

    private static Dictionary<string, string> Changed(IReadOnlyDictionary<string, string> files, string name, string from, string to)
    {
        Assert.Contains(from, files[name], StringComparison.Ordinal);
        return new Dictionary<string, string>(files, StringComparer.Ordinal) { [name] = files[name].Replace(from, to, StringComparison.Ordinal) };
    }

    /// <summary>The starter pack with one more file and, so that its own tests stay as they are, no rule of the shipped ones changed.</summary>
    private static PolicyFiles With(string file, string text)
    {
        var pack = PackArchive.Read(Starter);
        return new PolicyFiles(new Dictionary<string, string>(pack.Files, StringComparer.Ordinal) { [file] = text }, pack.Tests);
    }

    /// <summary>Nothing ranks that well. The pack's own tests are given up but for one, which expects it.</summary>
    private static PolicyFiles Stricter()
    {
        var pack = PackArchive.Read(Starter);
        var line = pack.Files["params.yaml"].Split('\n').SkipWhile(l => !l.Contains("name: auc_min", StringComparison.Ordinal)).First(l => l.Contains("tiers:", StringComparison.Ordinal));
        return new PolicyFiles(
            Changed(pack.Files, "params.yaml", line, line[..line.IndexOf("tiers:", StringComparison.Ordinal)] + "tiers: [0.99, 0.99, 0.99]"),
            new Dictionary<string, string>
            {
                ["base.yaml"] = pack.Tests["base.yaml"],
                ["nothing-ranks-that-well/expected.yaml"] = "gate: promote\nstatus: denied\n",
            });
    }

    private static PolicyFiles Guarded() => With("guards.yaml", """
        apiVersion: governance/v1
        kind: Policy
        metadata: {name: guards, title: What may be asked}
        spec:
          validations:
            - id: purpose-allowed
              title: The purpose is one the model is approved for
              expression: request.purpose in ['credit-decision', 'limit-review']
              messageExpression: "'The purpose %s is not allowed.'.format([request.purpose])"
              message: The purpose is not allowed.
              citation: GDPR Article 5(1)(b)
              rationale: A score is used for what it was validated for.
              remediation: Ask for a purpose the model is approved for.
            - id: jurisdiction-allowed
              title: The person lives where the model may be used
              expression: request.jurisdiction in model.jurisdictions
              message: The model may not be used there.
              citation: House
              rationale: Law differs.
              remediation: Use a model registered for this jurisdiction.
            - id: inputs-in-range
              title: Inputs are in the range that training saw
              expression: inputs.all(name, range, range.min >= range.seen_min && range.max <= range.seen_max)
              message: An input is out of range.
              citation: House
              rationale: Nobody validated the model there.
              remediation: Correct the input.
        ---
        apiVersion: governance/v1
        kind: Binding
        metadata: {name: guards-at-serving}
        spec: {policy: guards, gates: [serve]}
        """);

    private static PolicyFiles Monitored(string value, int most) => With("monitoring.yaml", $$"""
        apiVersion: governance/v1
        kind: Policy
        metadata: {name: monitoring, title: While it serves}
        spec:
          validations:
            - id: serving-too-long
              title: The version has served for less than its time
              value: {{value}}
              threshold: "{{most}}.0"
              expression: value <= threshold
              message: The version has served for too long.
              citation: House
              rationale: Models age.
              remediation: Validate the version again.
        ---
        apiVersion: governance/v1
        kind: Binding
        metadata: {name: monitoring-at-monitor}
        spec: {policy: monitoring, gates: [monitor]}
        """);

    private static PolicyFiles ManyRules(int count) => With("many.yaml", $$"""
        apiVersion: governance/v1
        kind: Policy
        metadata: {name: many, title: Many rules}
        spec:
          validations:
        {{string.Concat(Enumerable.Range(0, count).Select(Rule))}}---
        apiVersion: governance/v1
        kind: Binding
        metadata: {name: many-at-promotion}
        spec: {policy: many, gates: [promote]}
        """);

    private static string Rule(int i) =>
        $"    - {{id: rule-{i}, title: Rule, expression: 'model.tier < {-i}', severity: warn, message: It does not hold., citation: House, rationale: Size., remediation: None is needed.}}\n";
}
