using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Serving;
using Governance.Gateway.Tests.Api;

namespace Governance.Gateway.Tests.Watching;

/// <summary>Live figures by protected group, where the owner has them counted and the application gives the group.</summary>
[Collection(nameof(LenderFixture))]
public sealed class GroupTests(LenderFixture lender)
{
    private const int Rows = 60;

    [Fact]
    public async Task A_group_is_counted_and_sealed_and_neither_scored_nor_logged()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        var plain = (await Lender.InferAsync(gateway, "APP-1")).MustBe(HttpStatusCode.OK).Json["outputs"]!;
        (await gateway.PostAsync(Lender.Route, Call(new JsonObject { ["sex"] = "female" }), "loans-app")).MustBe(HttpStatusCode.UnprocessableEntity, "unfit-request");
        var settings = new RouteSettings { Groups = [new GroupAttribute("sex", ["male", "female"])] };
        (await gateway.PostAsync($"/api/v1/routes/{Lender.Model}/settings", Encoding.UTF8.GetString(GovernanceJson.Serialize(settings)), "olivia")).MustBe(HttpStatusCode.OK);
        foreach (var wrong in new JsonNode[]
        {
            new JsonObject { ["sex"] = "no such group" }, new JsonObject { ["origin"] = "male" }, new JsonArray(new JsonObject(), new JsonObject()), "female", new JsonObject { ["sex"] = 1 },
        })
        {
            var refused = (await gateway.PostAsync(Lender.Route, Call(wrong), "loans-app")).MustBe(HttpStatusCode.UnprocessableEntity, "unfit-request");
            Assert.DoesNotContain("no such group", refused.Text, StringComparison.Ordinal);
        }

        var told = (await gateway.PostAsync(Lender.Route, Call(new JsonObject { ["sex"] = "female" }), "loans-app")).MustBe(HttpStatusCode.OK).Json;
        Assert.True(JsonNode.DeepEquals(plain, told["outputs"]));
        var index = told["parameters"]!["audit_index"];
        Assert.Equal("""{"sex":"female"}""", (await gateway.ReadAsync($"/api/v1/decisions/{index}", "carla"))["payload"]!["groups"]!.ToJsonString());
        Assert.DoesNotContain("female", (await gateway.ReadAsync($"/api/v1/ledger/logs/inference/entries/{index}")).ToJsonString(), StringComparison.Ordinal);

        // One of them is few: nothing is said of them, nor of the others from whom they could be told.
        Assert.All(await GroupsAsync(gateway), g => Assert.Null(g!["rows"]));

        var batch = Lender.Call("APP");
        batch.Remove("id");
        batch["parameters"] = new JsonObject
        {
            ["subject_ids"] = new JsonArray([.. Enumerable.Range(0, Rows).Select(r => JsonValue.Create($"APP-{r}"))]),
            ["groups"] = new JsonArray([.. Enumerable.Range(0, Rows).Select(r => (JsonNode)(r % 3 == 0 ? new JsonObject() : new JsonObject { ["sex"] = r % 3 == 1 ? "male" : "female" }))]),
        };
        batch["inputs"]![0]!["shape"] = new JsonArray(Rows, Lender.Corrected.Features.Count);
        batch["inputs"]![0]!["data"] = new JsonArray([.. Enumerable.Range(0, Rows).SelectMany(r => Lender.Call("APP", r)["inputs"]![0]!["data"]!.AsArray()).Select(v => v!.DeepClone())]);
        var answer = (await gateway.PostAsync(Lender.Route, batch, "loans-app")).MustBe(HttpStatusCode.OK).Json;
        var first = answer["parameters"]!["audit_index"]!.GetValue<long>();
        var decisions = answer["outputs"]![1]!["data"]!.AsArray().Select(d => d!.GetValue<string>() == "favourable").ToArray();
        var outcomes = Enumerable.Range(0, Rows).Select(r => new { decision = first + r, label = 1 });
        (await gateway.PostAsync($"/api/v1/routes/{Lender.Model}/outcomes", new { outcomes }, "loans-app")).MustBe(HttpStatusCode.OK);

        var groups = await GroupsAsync(gateway);
        Assert.Equal([20L, 21L], groups.Select(g => g!["rows"]!.GetValue<long>()));
        var male = Enumerable.Range(0, Rows).Count(r => r % 3 == 1 && decisions[r]) / 20.0;
        Assert.Equal(male, groups[0]!["approvalRate"]!.GetValue<double>(), 12);
        Assert.Equal(1 - male, groups[0]!["truePositiveRate"]!.GetValue<double>(), 12);
        Assert.Equal([20L, 20L], groups.Select(g => g!["labelled"]!.GetValue<long>()));
        if (male > 0)
        {
            Assert.Equal(groups[1]!["approvalRate"]!.GetValue<double>() / male, groups[1]!["impactRatio"]!.GetValue<double>(), 12);
            Assert.InRange(groups[1]!["impactRatio"]!.GetValue<double>(), groups[1]!["lower"]!.GetValue<double>(), groups[1]!["upper"]!.GetValue<double>());
        }
    }

    private static async Task<JsonArray> GroupsAsync(TestGateway gateway) =>
        (await gateway.ReadAsync($"/api/v1/routes/{Lender.Model}/live", "victor"))["arms"]!.AsArray().First(a => a!["version"]!.GetValue<int>() == 2)!["groups"]!.AsArray();

    private static string Call(JsonNode groups)
    {
        var call = Lender.Call("APP-1");
        call["parameters"]!["groups"] = groups.DeepClone();
        return call.ToJsonString();
    }
}
