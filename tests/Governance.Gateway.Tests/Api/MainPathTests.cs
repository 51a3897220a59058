using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Evidence;
using Governance.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Api;

/// <summary>The main job on the synthetic lender, over HTTP.</summary>
[Collection(nameof(LenderFixture))]
public sealed class MainPathTests(LenderFixture lender)
{
    private const string Corrected = $"/api/v1/models/{Lender.Model}/versions/2";

    [Fact]
    public async Task Runs_end_in_evidence_or_in_reasons()
    {
        await lender.GatewayAsync();
        foreach (var run in new[] { lender.BiasedRun, lender.CorrectedRun })
        {
            Assert.Equal("succeeded", run["status"]!.GetValue<string>());
            Assert.All(run["checks"]!.AsArray(), c =>
            {
                Assert.Contains(c!["status"]!.GetValue<string>(), new[] { "recorded", "notApplicable" });
                Assert.False(string.IsNullOrEmpty(c["note"]!.GetValue<string>()));
            });
            Assert.True(run["checks"]!.AsArray().Count(c => c!["status"]!.GetValue<string>() == "recorded") >= 12);
        }
    }

    [Fact]
    public async Task The_gate_denies_the_biased_version_and_says_by_which_rule_on_which_value_and_what_to_do()
    {
        await lender.GatewayAsync();
        var problem = lender.BiasedPromotion.MustBe(HttpStatusCode.Conflict, "gate-denied").Json;

        var rule = problem["gate"]!["rules"]!.AsArray().Single(r => r!["rule"]!.GetValue<string>() == "fairness-impact-ratio")!;
        Assert.True(rule["blocks"]!.GetValue<bool>());
        Assert.True(rule["value"]!.GetValue<double>() < rule["threshold"]!.GetValue<double>());
        Assert.Contains("origin=migrant", rule["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(rule["citation"]!.GetValue<string>()));
        Assert.False(string.IsNullOrEmpty(rule["remediation"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_corrected_version_waits_for_people_and_is_promoted_when_they_signed()
    {
        var gateway = await lender.GatewayAsync();
        lender.SelfSignOff.MustBe(HttpStatusCode.Forbidden, "self-sign-off");
        var waiting = lender.EarlyPromotion.MustBe(HttpStatusCode.Conflict, "gate-waiting").Json["gate"]!["waitingFor"]!.AsArray();
        Assert.Equal(["committee", "compliance", "owner", "validator"], waiting.Select(w => w!.GetValue<string>()).Order());
        lender.InferenceBeforePromotion.MustBe(HttpStatusCode.Conflict, "not-promoted");

        var promotion = lender.Promotion.MustBe(HttpStatusCode.Created).Json;
        Assert.Equal("allowed", promotion["decision"]!["status"]!.GetValue<string>());
        var version = await gateway.ReadAsync(Corrected);
        Assert.Equal("promoted", version["status"]!.GetValue<string>());
        Assert.Equal(4, version["signOffs"]!.AsArray().Count(s => s!["valid"]!.GetValue<bool>()));
        var entry = (await gateway.ReadAsync($"/api/v1/ledger/logs/governance/entries?pageSize=1&pageToken={promotion["ledgerIndex"]}"))["items"]![0]!;
        Assert.Equal("version.promoted.v1", entry["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Every_evidence_downloads_as_a_DSSE_envelope_that_verifies_and_is_about_this_file_and_data()
    {
        var gateway = await lender.GatewayAsync();
        var version = await gateway.ReadAsync(Corrected);

        // What an outsider has: the public key alone.
        var key = ECDsa.Create();
        key.ImportFromPem((await gateway.GetAsync("/api/v1/evidence/keys")).MustBe(HttpStatusCode.OK).Text);
        using var signer = new EcdsaEvidenceSigner(key);
        var data = (await gateway.ReadAsync("/api/v1/datasets/" + Lender.Evaluation))["registration"]!["digest"]!.GetValue<string>();
        Assert.NotEmpty(version["evidence"]!.AsArray());
        foreach (var item in version["evidence"]!.AsArray())
        {
            var name = item!["envelope"]!.GetValue<string>();
            var answer = await gateway.GetAsync("/api/v1/evidence/" + name);
            Assert.Equal(name, Digest.Of(answer.MustBe(HttpStatusCode.OK).Body).ToString());
            var opened = EvidenceEnvelope.Open(answer.Body, signer);
            Assert.Equal(Digest.Of(Lender.Corrected.Onnx.Span).Hex, opened!.Subject(StatementSubject.Model));
            Assert.Equal(data, Digest.Prefix + opened.Subject(StatementSubject.EvaluationData));
            Assert.Equal(item["result"]!.GetValue<string>(), opened.Result.ComputeDigest().ToString());
        }
    }

    [Fact]
    public async Task Only_evidence_is_given_out_as_evidence()
    {
        var gateway = await lender.GatewayAsync();
        var version = await gateway.ReadAsync(Corrected);
        var model = version["submission"]!["artifact"]!.GetValue<string>();
        (await gateway.GetAsync("/api/v1/evidence/" + model)).MustBe(HttpStatusCode.NotFound, "evidence-unknown");
        (await gateway.GetAsync("/api/v1/evidence/..%2f..%2fkeys%2fevidence.pem")).MustBe(HttpStatusCode.NotFound, "evidence-unknown");
    }

    [Fact]
    public async Task An_answer_has_a_score_a_decision_and_a_receipt_that_proves_it_offline()
    {
        var gateway = await lender.GatewayAsync();
        var answer = (await Lender.InferAsync(gateway, "APP-PROOF", row: 3)).MustBe(HttpStatusCode.OK).Json;

        var expected = new double[1];
        Lender.Corrected.Reference.Score(Lender.Call("x", 3)["inputs"]![0]!["data"]!.AsArray().Select(v => v!.GetValue<float>()).ToArray(), expected, TestContext.Current.CancellationToken);
        var score = answer["outputs"]![0]!["data"]![0]!.GetValue<double>();
        Assert.Equal(expected[0], score, 1e-5);
        Assert.Equal(score < Lender.Portfolio.Threshold ? "favourable" : "adverse", answer["outputs"]![1]!["data"]![0]!.GetValue<string>());
        Assert.Equal(lender.Promotion.Json["ledgerIndex"]!.GetValue<long>(), answer["parameters"]!["promotion_index"]!.GetValue<long>());

        var index = answer["parameters"]!["audit_index"]!.GetValue<long>();
        var entry = (await gateway.ReadAsync($"/api/v1/ledger/logs/inference/entries?pageSize=1&pageToken={index}"))["items"]![0]!;
        Assert.Equal(answer["parameters"]!["receipt"]![0]!.GetValue<string>(), entry["leafHash"]!.GetValue<string>());
        Assert.DoesNotContain("APP-PROOF", entry.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(answer["id"]!.GetValue<string>(), entry.ToJsonString(), StringComparison.Ordinal);

        var stored = gateway.Services.GetRequiredService<Hosting.GovernanceLogs>().Inference.Log.Reader.Read(index);
        Assert.True(await VerifiesAsync(gateway, index, stored));
        stored[^2] ^= 1;
        Assert.False(await VerifiesAsync(gateway, index, stored));
    }

    [Fact]
    public async Task Both_logs_verify()
    {
        var gateway = await lender.GatewayAsync();
        foreach (var log in new[] { "governance", "inference" })
        {
            var verification = (await gateway.PostAsync($"/api/v1/ledger/logs/{log}/verification", "", "audrey")).MustBe(HttpStatusCode.OK).Json;
            Assert.True(verification["verified"]!.GetValue<bool>());
            Assert.Empty(verification["findings"]!.AsArray());
        }
    }

    [Fact]
    public async Task The_past_is_as_it_was()
    {
        var gateway = await lender.GatewayAsync();
        var model = await gateway.ReadAsync("/api/v1/models/" + Lender.Model);
        var registered = model["registeredAt"]!.GetValue<DateTimeOffset>();
        var submitted = (await gateway.ReadAsync(Corrected))["submittedAt"]!.GetValue<DateTimeOffset>();

        (await gateway.GetAsync($"/api/v1/models/{Lender.Model}?asOf={At(registered.AddTicks(-1))}")).MustBe(HttpStatusCode.NotFound, "model-unknown");
        (await gateway.GetAsync($"/api/v1/models/{Lender.Model}?asOf=2020-12-31")).MustBe(HttpStatusCode.NotFound, "model-unknown");
        var then = await gateway.ReadAsync($"/api/v1/models/{Lender.Model}?asOf={At(registered)}");
        Assert.Equal((0, false), (then["versions"]!.AsArray().Count, then["tierConfirmed"]!.GetValue<bool>()));

        (await gateway.GetAsync($"{Corrected}?asOf={At(submitted.AddTicks(-1))}")).MustBe(HttpStatusCode.NotFound, "version-unknown");
        var version = await gateway.ReadAsync($"{Corrected}?asOf={At(submitted)}");
        Assert.Equal(("submitted", 0), (version["status"]!.GetValue<string>(), version["evidence"]!.AsArray().Count));
        Assert.Equal("promoted", (await gateway.ReadAsync($"{Corrected}?asOf=2999-01-01"))["status"]!.GetValue<string>());
        Assert.Empty((await gateway.ReadAsync("/api/v1/models?asOf=2020-12-31"))["items"]!.AsArray());

        foreach (var bad in new[] { "yesterday", "5/1", "2026-13-01", "2026-03-31T25:00:00Z", "1" })
        {
            (await gateway.GetAsync($"{Corrected}?asOf={bad}")).MustBe(HttpStatusCode.BadRequest, "malformed-request");
        }
    }

    [Fact]
    public async Task Two_people_erase_a_subject_and_what_was_proved_stays_proved()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var index = (await Lender.InferAsync(gateway, "APP-000007")).MustBe(HttpStatusCode.OK).Json["parameters"]!["audit_index"]!.GetValue<long>();
        var other = (await Lender.InferAsync(gateway, "APP-OTHER")).Json["parameters"]!["audit_index"]!.GetValue<long>();
        var opened = await gateway.ReadAsync($"/api/v1/decisions/{index}", "carla");
        Assert.Equal(("opened", "APP-000007"), (opened["payloadStatus"]!.GetValue<string>(), opened["payload"]!["subject"]!.GetValue<string>()));
        Assert.Equal("withheld", (await gateway.ReadAsync($"/api/v1/decisions/{index}", "victor"))["payloadStatus"]!.GetValue<string>());
        (await gateway.GetAsync($"/api/v1/decisions/{index}", "dana")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.GetAsync("/api/v1/decisions/99999", "carla")).MustBe(HttpStatusCode.NotFound, "decision-unknown");
        var stored = gateway.Services.GetRequiredService<Hosting.GovernanceLogs>().Inference.Log.Reader.Read(index);

        var request = (await gateway.PostAsync("/api/v1/erasures", new { subject = "APP-000007", ground = "consent_withdrawn" }, "dora")).MustBe(HttpStatusCode.Created);
        Assert.DoesNotContain("APP-000007", request.Text, StringComparison.Ordinal);
        var erasure = "/api/v1/erasures/" + request.Json["id"];
        (await gateway.PostAsync(erasure + "/execution", "", "dora")).MustBe(HttpStatusCode.Conflict, "approvals-missing");
        (await gateway.PostAsync(erasure + "/approvals", new { role = "dpo" }, "dora")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.PostAsync(erasure + "/approvals", new { role = "emperor" }, "carla")).MustBe(HttpStatusCode.UnprocessableEntity, "unknown-role");
        (await gateway.PostAsync(erasure + "/approvals", new { role = "compliance" }, "carla")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync(erasure + "/approvals", new { role = "compliance" }, "carla")).MustBe(HttpStatusCode.Conflict, "already-approved");
        (await gateway.PostAsync(erasure + "/approvals", new { role = "owner" }, "olivia")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync(erasure + "/execution", "", "carla")).MustBe(HttpStatusCode.Forbidden, "role-required");
        var executed = (await gateway.PostAsync(erasure + "/execution", "", "dora")).MustBe(HttpStatusCode.OK).Json;
        Assert.Equal(("executed", 2L), (executed["status"]!.GetValue<string>(), executed["records"]!.GetValue<long>()));
        var again = (await gateway.PostAsync(erasure + "/execution", "", "dora", key: "again")).MustBe(HttpStatusCode.OK).Json;
        Assert.Equal(executed.ToJsonString(), again.ToJsonString());

        // The key of before is destroyed: the erasure is final, and the log says so.
        (await gateway.PostAsync("/api/v1/keys/roll", "", "audrey")).MustBe(HttpStatusCode.Forbidden, "role-required");
        var before = await gateway.ReadAsync("/api/v1/keys");
        Assert.NotEqual(0, before["pendingErasures"]!.GetValue<int>());
        var rolled = (await gateway.PostAsync("/api/v1/keys/roll", "", "dora")).MustBe(HttpStatusCode.OK).Json;
        Assert.NotEqual(before["key"]!.GetValue<string>(), rolled["key"]!.GetValue<string>());
        Assert.Equal((0, 0), (rolled["pendingErasures"]!.GetValue<int>(), rolled["retired"]!.AsArray().Count));
        var types = (await gateway.ReadAsync("/api/v1/ledger/logs/governance/entries?order=desc&pageSize=50"))["items"]!.AsArray()
            .Select(e => e!["type"]!.GetValue<string>()).Where(t => t.StartsWith("payload-key", StringComparison.Ordinal) || t == "erasure.finalised.v1").ToList();
        Assert.Equal(["erasure.finalised.v1", "payload-key.destroyed.v1", "payload-key.rolled.v1"], types.Distinct());

        var erased = await gateway.ReadAsync($"/api/v1/decisions/{index}", "carla");
        Assert.Equal("erased", erased["payloadStatus"]!.GetValue<string>());
        Assert.Null(erased["payload"]);
        Assert.Equal("opened", (await gateway.ReadAsync($"/api/v1/decisions/{other}", "carla"))["payloadStatus"]!.GetValue<string>());
        Assert.True(await VerifiesAsync(gateway, index, stored));
        Assert.DoesNotContain("APP-000007", (await gateway.ReadAsync("/api/v1/ledger/logs/governance/entries?order=desc&pageSize=20")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_crash_the_same_folder_gives_the_same_state()
    {
        var first = await lender.GatewayAsync();
        using var copy = first.CopyFolder();
        await using var second = await TestGateway.StartAsync(copy.Path);
        foreach (var path in new[]
        {
            "/api/v1/models", "/api/v1/models/" + Lender.Model, $"/api/v1/models/{Lender.Model}/versions/1", Corrected, "/api/v1/datasets", "/api/v1/erasures",
            "/api/v1/reports", "/api/v1/policy", $"{Corrected}/gate", "/api/v1/ledger/logs/governance/entries?pageSize=200", $"/v2/models/{Lender.Model}",
            "/api/v1/runs/" + lender.CorrectedRun["id"],
        })
        {
            var (before, after) = (await first.ReadAsync(path), await second.ReadAsync(path));
            Forget(before);
            Forget(after);
            Assert.True(JsonNode.DeepEquals(before, after), path);
        }

        (await Lender.InferAsync(second, "APP-1")).MustBe(HttpStatusCode.OK);
    }

    /// <summary>A preview is about the moment it is asked: the time, and what depends on it.</summary>
    private static void Forget(JsonNode decision)
    {
        if (decision is JsonObject preview && preview.ContainsKey("inputDigest"))
        {
            preview.Remove("inputDigest");
            foreach (var rule in preview["rules"]!.AsArray())
            {
                rule!.AsObject().Remove("observed");
                rule.AsObject().Remove("value");
            }
        }
    }

    private static async Task<bool> VerifiesAsync(TestGateway gateway, long index, byte[] entry)
    {
        var proof = (await gateway.GetAsync($"/api/v1/ledger/logs/inference/proofs/{index}")).MustBe(HttpStatusCode.OK);
        var keys = (await gateway.GetAsync("/api/v1/ledger/logs/inference/keys")).MustBe(HttpStatusCode.OK).Text;
        var known = keys.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.Contains('+', StringComparison.Ordinal)).Select(NoteVerifier.Parse).ToList();
        Assert.True(InclusionReceipt.TryParse(proof.Body, out var receipt, out var error), error);
        Assert.Equal(index, receipt.Index);
        return receipt.Verify(entry, "governance.local/inference", known, out _);
    }

    private static string At(DateTimeOffset time) => Uri.EscapeDataString(time.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
}
