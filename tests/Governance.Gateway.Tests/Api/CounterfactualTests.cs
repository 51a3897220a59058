using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Serving;
using Governance.Data;
using Governance.Testing;

namespace Governance.Gateway.Tests.Api;

/// <summary>What would have turned a decision, told to who asks it and sealed with it.</summary>
[Collection(nameof(LenderFixture))]
public sealed class CounterfactualTests(LenderFixture lender)
{
    private const string Settings = $"/api/v1/routes/{Lender.Model}/settings";

    [Fact]
    public async Task An_adverse_decision_says_the_least_change_that_the_route_itself_confirms()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        string body;
        JsonNode told;
        await using (var gateway = await TestGateway.StartAsync(copy.Path))
        {
            var (adverse, favourable) = await DecisionTests.RowsAsync(gateway);
            (await gateway.PostAsync(Lender.Route, Asking("APP-1", adverse), "loans-app")).MustBe(HttpStatusCode.UnprocessableEntity, "counterfactuals-not-offered");
            await ConfigureAsync(gateway, new RouteSettings { Counterfactuals = new CounterfactualRule() });

            // Nobody has said what an applicant can change: nothing is made up, and no decision is told.
            var refused = (await gateway.PostAsync(Lender.Route, Asking("APP-1", adverse), "loans-app")).MustBe(HttpStatusCode.ServiceUnavailable, "counterfactuals-unavailable");
            Assert.DoesNotContain("adverse", refused.Text, StringComparison.Ordinal);
            Assert.Equal("counterfactuals-unavailable", (await gateway.ReadAsync("/api/v1/ledger/logs/inference/entries?order=desc&pageSize=1"))["items"]![0]!["entry"]!["code"]!.GetValue<string>());
            (await Lender.InferAsync(gateway, "APP-1", adverse)).MustBe(HttpStatusCode.OK);

            await CheckAsync(gateway, Lender.Corrected.Features.ToDictionary(f => f, f => new FeatureRule { IsMutable = f != "age" }));
            body = Asking("APP-1", adverse);
            told = (await gateway.PostAsync(Lender.Route, body, "loans-app")).MustBe(HttpStatusCode.OK).Json;
            var found = told["parameters"]!["counterfactuals"]![0]!;
            Assert.True(found["found"]!.GetValue<bool>());
            Assert.Null(told["parameters"]!["reasons"]);
            var changes = found["changes"]!.AsArray();
            Assert.InRange(changes.Count, 1, 3);

            // Asked with the changes, the route decides so.
            var changed = Lender.Call("APP-1", adverse);
            var data = changed["inputs"]![0]!["data"]!.AsArray();
            foreach (var change in changes)
            {
                var feature = Lender.Corrected.Features.Index().First(f => f.Item == change!["feature"]!.GetValue<string>()).Index;
                Assert.Equal(data[feature]!.GetValue<float>(), change!["from"]!.GetValue<float>());
                data[feature] = change["to"]!.GetValue<float>();
            }

            var turned = (await gateway.PostAsync(Lender.Route, changed, "loans-app")).MustBe(HttpStatusCode.OK).Json["outputs"]!;
            Assert.Equal("favourable", turned[1]!["data"]![0]!.GetValue<string>());
            Assert.Equal(turned[0]!["data"]![0]!.GetValue<double>(), found["score"]!.GetValue<double>());

            // It is sealed with the decision, and nothing of it is in the log.
            var index = told["parameters"]!["audit_index"];
            Assert.True(JsonNode.DeepEquals(changes, (await gateway.ReadAsync($"/api/v1/decisions/{index}", "carla"))["payload"]!["explanation"]!["counterfactual"]!["changes"]));
            Assert.DoesNotContain(changes[0]!["feature"]!.GetValue<string>(), (await gateway.ReadAsync($"/api/v1/ledger/logs/inference/entries/{index}")).ToJsonString(), StringComparison.Ordinal);

            Assert.Null((await gateway.PostAsync(Lender.Route, Asking("APP-2", favourable), "loans-app")).MustBe(HttpStatusCode.OK).Json["parameters"]!["counterfactuals"]);
            Assert.Null((await Lender.InferAsync(gateway, "APP-1", adverse)).MustBe(HttpStatusCode.OK).Json["parameters"]!["counterfactuals"]);

            // The same id without asking is another request.
            (await gateway.PostAsync(Lender.Route, body.Replace("\"counterfactuals\":true", "\"counterfactuals\":false", StringComparison.Ordinal), "loans-app"))
                .MustBe(HttpStatusCode.Conflict, "request-id-reused");
        }

        await using var again = await TestGateway.StartAsync(copy.Path);
        Assert.True(JsonNode.DeepEquals(told, (await again.PostAsync(Lender.Route, body, "loans-app")).MustBe(HttpStatusCode.OK).Json));
    }

    [Fact]
    public async Task Where_no_change_within_the_rules_turns_it_that_is_what_is_said_also_beside_reasons_and_of_a_pipeline()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var (adverse, favourable) = await DecisionTests.RowsAsync(gateway);
        var feature = Lender.Corrected.Features[0];
        var own = ((Float32Column)Lender.Portfolio.Evaluation[feature]).Values.Span[adverse];
        await CheckAsync(gateway, Lender.Corrected.Features.ToDictionary(f => f, f => f == feature ? new FeatureRule { Minimum = own, Maximum = own } : new FeatureRule { IsMutable = false }));
        await ConfigureAsync(gateway, new RouteSettings { Counterfactuals = new CounterfactualRule(1), Reasons = new ReasonRule(ReasonsWhen.Adverse) });
        var two = Lender.Call("APP-1", adverse);
        two["parameters"] = new JsonObject { ["subject_ids"] = new JsonArray("APP-1", "APP-2"), ["counterfactuals"] = true };
        two["inputs"]![0]!["shape"] = new JsonArray(2, Lender.Corrected.Features.Count);
        two["inputs"]![0]!["data"] = new JsonArray([.. new[] { adverse, favourable }.SelectMany(r => Lender.Call("APP", r)["inputs"]![0]!["data"]!.AsArray()).Select(v => v!.DeepClone())]);
        var told = (await gateway.PostAsync(Lender.Route, two, "loans-app")).MustBe(HttpStatusCode.OK).Json["parameters"]!;
        Assert.Equal("""[{"found":false,"changes":[]},null]""", told["counterfactuals"]!.ToJsonString());
        Assert.NotNull(told["reasons"]![0]);

        // What a pipeline makes of a row is searched by asking the pipeline.
        await CheckAsync(gateway, Lender.Corrected.Features.ToDictionary(f => f, _ => new FeatureRule()));
        await ConfigureAsync(gateway, new RouteSettings { Counterfactuals = new CounterfactualRule(), Pipeline = new RoutePipeline { Post = [new PostStep(Clamp: new Bounds(0.001, 0.999))] } });
        Assert.True((await gateway.PostAsync(Lender.Route, Asking("APP-1", adverse), "loans-app")).MustBe(HttpStatusCode.OK).Json["parameters"]!["counterfactuals"]![0]!["found"]!.GetValue<bool>());

        var prepared = new RouteSettings { Counterfactuals = new CounterfactualRule(4), Pipeline = new RoutePipeline { Pre = [new FeatureStep(feature, Clip: new Bounds(0, 1))] } };
        var faults = (await gateway.PostAsync(Settings, Json(prepared), "olivia")).MustBe(HttpStatusCode.UnprocessableEntity, "invalid-settings").Faults;
        Assert.Equal(["counterfactuals.most: 1 to 3.", "pipeline.pre, counterfactuals"], faults.Select(f => f.Split(": ")[0] is "pipeline.pre, counterfactuals" and var named ? named : f));
    }

    private static string Asking(string subject, int row)
    {
        var call = Lender.Call(subject, row);
        call["parameters"]!["counterfactuals"] = true;
        return call.ToJsonString();
    }

    private static async Task ConfigureAsync(TestGateway gateway, RouteSettings settings) => (await gateway.PostAsync(Settings, Json(settings), "olivia")).MustBe(HttpStatusCode.OK);

    private static string Json<T>(T value) => Encoding.UTF8.GetString(GovernanceJson.Serialize(value));

    /// <summary>The check with these rules: evidence of the version that the answers then follow.</summary>
    private static async Task CheckAsync(TestGateway gateway, Dictionary<string, FeatureRule> rules)
    {
        var request = new JsonObject
        {
            ["checks"] = new JsonArray("explainability.counterfactuals"),
            ["seed"] = 1,
            ["parameters"] = new JsonObject { ["explainability.counterfactuals"] = new JsonObject { ["max_rows"] = 100 } },
            ["featureRules"] = JsonNode.Parse(Json(rules)),
        };
        var started = (await gateway.PostAsync($"/api/v1/models/{Lender.Model}/versions/2/runs", request, "victor")).MustBe(HttpStatusCode.Accepted);
        var events = await gateway.GetAsync($"{started.Headers["Location"]}/events", "victor");
        Assert.Contains("\"status\":\"succeeded\"", events.Text.Replace(" ", "", StringComparison.Ordinal).Split("data:")[^1], StringComparison.Ordinal);
    }
}
