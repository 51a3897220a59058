using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Serving;
using Governance.Gateway.Policy;
using Governance.Ledger;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Api;

/// <summary>What is given with a decision, and what is done with it afterwards: reasons, repeated requests, people's reviews, ground and proof.</summary>
[Collection(nameof(LenderFixture))]
public sealed class DecisionTests(LenderFixture lender)
{
    private static readonly ReviewRule WithheldAdverse = new(ReviewWhen.Adverse, Withhold: true);

    [Fact]
    public async Task A_repeated_request_is_answered_from_the_log_also_after_a_restart()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        var body = Lender.Call("APP-AGAIN").ToJsonString();
        JsonNode first;
        await using (var gateway = await TestGateway.StartAsync(copy.Path))
        {
            first = (await gateway.PostAsync(Lender.Route, body, "loans-app")).MustBe(HttpStatusCode.OK).Json;
            Assert.True(JsonNode.DeepEquals(first, (await gateway.PostAsync(Lender.Route, body, "loans-app")).MustBe(HttpStatusCode.OK).Json));
            (await gateway.PostAsync(Lender.Route, body.Replace("APP-AGAIN", "APP-OTHER", StringComparison.Ordinal), "loans-app")).MustBe(HttpStatusCode.Conflict, "request-id-reused");
        }

        await using var again = await TestGateway.StartAsync(copy.Path);
        Assert.True(JsonNode.DeepEquals(first, (await again.PostAsync(Lender.Route, body, "loans-app")).MustBe(HttpStatusCode.OK).Json));
        (await again.PostAsync(Lender.Route, body.Replace("APP-AGAIN", "APP-OTHER", StringComparison.Ordinal), "loans-app")).MustBe(HttpStatusCode.Conflict, "request-id-reused");
    }

    [Fact]
    public async Task Adverse_decisions_state_their_principal_reasons_in_the_words_of_the_catalogue()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        (await gateway.PostAsync(Lender.Route, Reasons("APP-1", 0), "loans-app")).MustBe(HttpStatusCode.UnprocessableEntity, "reasons-not-offered");

        var catalogue = new JsonObject([.. Lender.Corrected.Features.Select(f => KeyValuePair.Create(f, (JsonNode?)JsonValue.Create($"Your {f} as reported")))]);
        (await gateway.UploadAsync(
            $"/api/v1/models/{Lender.Model}/versions/2/documents", new { kind = "reason_catalogue", title = "Reasons" }, Encoding.UTF8.GetBytes(catalogue.ToJsonString()), "carla"))
            .MustBe(HttpStatusCode.Created);
        await ConfigureAsync(gateway, new RouteSettings { Reasons = new ReasonRule(ReasonsWhen.OnRequest, 3) });
        var (adverse, favourable) = await RowsAsync(gateway);

        var told = (await gateway.PostAsync(Lender.Route, Reasons("APP-1", adverse), "loans-app")).MustBe(HttpStatusCode.OK).Json["parameters"]!;
        var reasons = told["reasons"]![0]!.AsArray();
        Assert.InRange(reasons.Count, 1, 3);
        Assert.All(reasons, r => Assert.Matches("^Your .* as reported$", r!["text"]!.GetValue<string>()));
        Assert.Equal(reasons.Count, reasons.Select(r => r!["code"]!.GetValue<string>()).Distinct().Count());

        // They are sealed with the decision, and nothing of them is in the log.
        var sealedReasons = (await gateway.ReadAsync($"/api/v1/decisions/{told["audit_index"]}", "carla"))["payload"]!["explanation"]!["reasons"]!;
        Assert.True(JsonNode.DeepEquals(reasons, sealedReasons));
        Assert.DoesNotContain("as reported", (await gateway.ReadAsync($"/api/v1/ledger/logs/inference/entries/{told["audit_index"]}")).ToJsonString(), StringComparison.Ordinal);

        Assert.Null((await Lender.InferAsync(gateway, "APP-1", adverse)).MustBe(HttpStatusCode.OK).Json["parameters"]!["reasons"]);
        Assert.Null((await gateway.PostAsync(Lender.Route, Reasons("APP-2", favourable), "loans-app")).MustBe(HttpStatusCode.OK).Json["parameters"]!["reasons"]);
        await ConfigureAsync(gateway, new RouteSettings { Reasons = new ReasonRule(ReasonsWhen.Adverse) });
        Assert.NotNull((await Lender.InferAsync(gateway, "APP-1", adverse)).MustBe(HttpStatusCode.OK).Json["parameters"]!["reasons"]![0]);
    }

    [Fact]
    public async Task Reasons_that_are_due_and_cannot_be_had_leave_the_decision_ungiven()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var (adverse, favourable) = await RowsAsync(gateway);
        var digest = (await gateway.ReadAsync("/api/v1/datasets/" + Lender.Reviewed))["registration"]!["digest"]!.GetValue<string>()["sha256:".Length..];
        File.Delete(copy.File(Path.Combine("artifacts", digest[..2], digest[2..])));
        await ConfigureAsync(gateway, new RouteSettings { Reasons = new ReasonRule(ReasonsWhen.Adverse) });

        var refused = (await Lender.InferAsync(gateway, "APP-1", adverse)).MustBe(HttpStatusCode.ServiceUnavailable, "reasons-unavailable");
        Assert.DoesNotContain("adverse", refused.Text, StringComparison.Ordinal);
        (await Lender.InferAsync(gateway, "APP-2", favourable)).MustBe(HttpStatusCode.OK);
        var entries = (await gateway.ReadAsync("/api/v1/ledger/logs/inference/entries?order=desc&pageSize=2"))["items"]!;
        Assert.Equal("reasons-unavailable", entries[1]!["entry"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_withheld_decision_waits_for_a_person_and_is_theirs_then()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        long review;
        await using (var gateway = await TestGateway.StartAsync(copy.Path))
        {
            var (adverse, favourable) = await RowsAsync(gateway);
            await ConfigureAsync(gateway, new RouteSettings { Review = WithheldAdverse });
            var given = (await Lender.InferAsync(gateway, "APP-2", favourable)).MustBe(HttpStatusCode.OK).Json;
            Assert.Equal(("favourable", null), (given["outputs"]![1]!["data"]![0]!.GetValue<string>(), given["parameters"]!["review"]));

            var answer = (await Lender.InferAsync(gateway, "APP-1", adverse)).MustBe(HttpStatusCode.OK);
            Assert.Equal("decision", answer.Json["outputs"]!.AsArray().Single()!["name"]!.GetValue<string>());
            Assert.Equal(("withheld", "pending"), (answer.Json["outputs"]![0]!["data"]![0]!.GetValue<string>(), answer.Json["parameters"]!["review"]![0]!.GetValue<string>()));
            Assert.DoesNotContain("adverse", answer.Text, StringComparison.Ordinal);
            review = answer.Json["parameters"]!["audit_index"]!.GetValue<long>();
            var told = await gateway.ReadAsync($"/api/v1/decisions/{review}", "loans-app");
            Assert.Equal((null, "pending", null), (told["decision"], told["review"]!["status"]!.GetValue<string>(), told["ground"]));
        }

        await using var again = await TestGateway.StartAsync(copy.Path);
        var listed = (await again.ReadAsync("/api/v1/reviews", "rosa"))["items"]!.AsArray().Single()!;
        Assert.Equal((review, true, "pending"), (listed["id"]!.GetValue<long>(), listed["withheld"]!.GetValue<bool>(), listed["status"]!.GetValue<string>()));
        var at = $"/api/v1/reviews/{review}";
        (await again.PostAsync(at + "/outcome", new { outcome = "overridden", reason = "x" }, "rosa")).MustBe(HttpStatusCode.Conflict, "review-not-claimed");
        (await again.PostAsync(at + "/claim", "", "victor")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await again.GetAsync("/api/v1/reviews", "loans-app")).MustBe(HttpStatusCode.Forbidden, "role-required");

        Assert.Null((await again.ReadAsync(at, "rosa"))["payload"]);
        var claimed = (await again.PostAsync(at + "/claim", "", "rosa")).MustBe(HttpStatusCode.OK).Json;
        Assert.Equal(("claimed", "rosa", "adverse"), (claimed["status"]!.GetValue<string>(), claimed["person"]!.GetValue<string>(), claimed["payload"]!["decision"]!.GetValue<string>()));
        Assert.Equal("payload-read.v1", (await again.ReadAsync("/api/v1/ledger/logs/inference/entries?order=desc&pageSize=1"))["items"]![0]!["type"]!.GetValue<string>());
        Assert.Null((await again.ReadAsync(at, "carla"))["payload"]);
        (await again.PostAsync(at + "/outcome", new { outcome = "overridden", reason = " " }, "rosa")).MustBe(HttpStatusCode.UnprocessableEntity, "reason-required");
        (await again.PostAsync(at + "/outcome", new { outcome = "better", reason = "x" }, "rosa")).MustBe(HttpStatusCode.UnprocessableEntity, "unknown-outcome");
        var ended = (await again.PostAsync(at + "/outcome", new { outcome = "overridden", reason = "REVIEW-SECRET income confirmed by payslip." }, "rosa")).MustBe(HttpStatusCode.OK).Json;
        Assert.Equal(("overridden", "rosa"), (ended["status"]!.GetValue<string>(), ended["person"]!.GetValue<string>()));
        (await again.PostAsync(at + "/claim", "", "rosa")).MustBe(HttpStatusCode.Conflict, "review-ended");

        var after = await again.ReadAsync($"/api/v1/decisions/{review}", "loans-app");
        Assert.Equal(("favourable", "overridden"), (after["decision"]!.GetValue<string>(), after["review"]!["status"]!.GetValue<string>()));
        Assert.Null(after["review"]!["reason"]);
        var whole = await again.ReadAsync($"/api/v1/decisions/{review}", "carla");
        Assert.Equal(("favourable", "adverse"), (whole["decision"]!.GetValue<string>(), whole["payload"]!["decision"]!.GetValue<string>()));
        Assert.Contains("REVIEW-SECRET", whole["review"]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain("REVIEW-SECRET", (await again.ReadAsync($"/api/v1/ledger/logs/inference/entries/{whole["review"]!["index"]}")).ToJsonString(), StringComparison.Ordinal);
        var figures = (await again.ReadAsync("/api/v1/review-figures", "victor")).AsArray().Single()!;
        Assert.Equal((0, 1, 1.0), (figures["open"]!.GetValue<int>(), figures["overridden"]!.GetValue<int>(), figures["overrideRate"]!.GetValue<double>()));
    }

    [Fact]
    public async Task An_erased_person_ends_the_review_and_nobody_reads_what_was_decided()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        await ConfigureAsync(gateway, new RouteSettings { Review = new ReviewRule(ReviewWhen.All) });
        var one = (await Lender.InferAsync(gateway, "APP-ERASED")).MustBe(HttpStatusCode.OK).Json;
        Assert.Contains(one["outputs"]![1]!["data"]![0]!.GetValue<string>(), new[] { "favourable", "adverse" });
        var (waiting, decided) = (one["parameters"]!["audit_index"]!.GetValue<long>(), (await Lender.InferAsync(gateway, "APP-ERASED")).Json["parameters"]!["audit_index"]!.GetValue<long>());
        (await gateway.PostAsync($"/api/v1/reviews/{decided}/claim", "", "rosa")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync($"/api/v1/reviews/{decided}/outcome", new { outcome = "confirmed", reason = "Looked." }, "rosa")).MustBe(HttpStatusCode.OK);

        var id = await Lender.ApprovedErasureAsync(gateway, "APP-ERASED");
        (await gateway.PostAsync($"/api/v1/erasures/{id}/execution", "", "dora")).MustBe(HttpStatusCode.OK);
        Assert.Empty((await gateway.ReadAsync("/api/v1/reviews", "rosa"))["items"]!.AsArray());
        Assert.Equal("erased", (await gateway.ReadAsync($"/api/v1/reviews/{waiting}", "rosa"))["status"]!.GetValue<string>());
        (await gateway.PostAsync($"/api/v1/reviews/{waiting}/claim", "", "rosa")).MustBe(HttpStatusCode.Conflict, "review-ended");
        var left = await gateway.ReadAsync($"/api/v1/decisions/{decided}", "carla");
        Assert.Equal(("erased", "confirmed", null, null), (left["payloadStatus"]!.GetValue<string>(), left["review"]!["status"]!.GetValue<string>(), left["review"]!["reason"], left["decision"]));
    }

    [Fact]
    public async Task A_decision_says_by_whose_leave_and_proves_itself_offline()
    {
        var gateway = await lender.GatewayAsync();
        var answer = (await Lender.InferAsync(gateway, "APP-GROUND")).MustBe(HttpStatusCode.OK).Json["parameters"]!;
        var index = answer["audit_index"]!.GetValue<long>();
        var decision = await gateway.ReadAsync($"/api/v1/decisions/{index}", "audrey");
        Assert.Equal((answer["receipt"]![0]!.GetValue<string>(), "withheld"), (decision["leafHash"]!.GetValue<string>(), decision["payloadStatus"]!.GetValue<string>()));
        var ground = decision["ground"]!;
        Assert.Equal(("champion", "olivia"), (ground["arm"]!.GetValue<string>(), ground["by"]!.GetValue<string>()));
        Assert.Equal(["carla", "chris", "olivia", "victor"], ground["signOffs"]!.AsArray().Select(s => s!["person"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Contains("fairness.adverse_impact", ground["evidence"]!.AsArray().Select(e => e!["check"]!.GetValue<string>()));
        Assert.StartsWith("sha256:", ground["policy"]!.GetValue<string>(), StringComparison.Ordinal);

        var log = gateway.Services.GetRequiredService<Hosting.GovernanceLogs>().Inference.Log;
        Assert.True(InclusionReceipt.TryParse(Encoding.UTF8.GetBytes(decision["proof"]!.GetValue<string>()), out var proof, out _));
        Assert.True(proof.Verify(log.Reader.Read(index), log.Origin, log.Verifiers, out var error), error);

        var told = await gateway.ReadAsync($"/api/v1/decisions/{index}", "loans-app");
        Assert.Equal((null, null), (told["ground"], told["payload"]));
        Assert.NotNull(told["decision"]);
        (await gateway.GetAsync("/api/v1/decisions/999999", "loans-app")).MustBe(HttpStatusCode.NotFound, "decision-unknown");
        (await gateway.GetAsync($"/api/v1/decisions/{index}", "dana")).MustBe(HttpStatusCode.Forbidden, "role-required");
    }

    [Fact]
    public async Task Only_low_impact_models_may_be_recorded_afterwards()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var refused = Assert.IsType<CommandOutcome.Refused>(await TryConfigureAsync(gateway, new RouteSettings { Audit = AuditMode.AsyncBounded }));
        Assert.Equal("audit-must-be-durable", refused.Refusal.Code);
    }

    private static string Reasons(string subject, int row)
    {
        var call = Lender.Call(subject, row);
        call["parameters"]!["reasons"] = true;
        return call.ToJsonString();
    }

    /// <summary>A row of the evaluation data that is decided adversely, and one that is not.</summary>
    internal static async Task<(int Adverse, int Favourable)> RowsAsync(TestGateway gateway)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var row = 0; found.Count < 2; row++)
        {
            found.TryAdd((await Lender.InferAsync(gateway, "APP-X", row)).MustBe(HttpStatusCode.OK).Json["outputs"]![1]!["data"]![0]!.GetValue<string>(), row);
        }

        return (found["adverse"], found["favourable"]);
    }

    private static async Task ConfigureAsync(TestGateway gateway, RouteSettings settings) => Assert.IsType<CommandOutcome.Accepted>(await TryConfigureAsync(gateway, settings));

    private static Task<CommandOutcome> TryConfigureAsync(TestGateway gateway, RouteSettings settings) => gateway.Services.GetRequiredService<Governor>().ExecuteAsync(
        new ConfigureRoute(Lender.Model, settings),
        new Caller { Subject = "olivia", Name = "Olivia", Kind = CallerKind.Person, Roles = RoleSet.Of(Role.Owner), TokenId = "t", ExpiresAt = DateTimeOffset.MaxValue },
        gateway.Services.GetRequiredService<PolicyInForce>().Gate, request: null, TestContext.Current.CancellationToken);
}
