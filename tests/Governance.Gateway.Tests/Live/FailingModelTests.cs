using System.Net;
using Governance.Gateway.Tests.Api;
using Governance.Gateway.Tests.Notifications;
using Governance.Gateway.Watching;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Live;

/// <summary>A model that was let through and then gives no score: nobody is given a number that is none, it is recorded, and a canary of it is taken back.</summary>
[Collection(nameof(LenderFixture))]
public sealed class FailingModelTests(LenderFixture lender)
{
    private const string NewestEntry = "/api/v1/ledger/logs/inference/entries?order=desc&pageSize=1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_answers_NaN_answers_nobody_until_the_one_before_is_promoted_again()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        await LiveRoute.WithThirdAsync(gateway, LiveRoute.NotANumber);
        (await Lender.PromoteAsync(gateway, 3)).MustBe(HttpStatusCode.Created);

        var failed = (await Lender.InferAsync(gateway, "NAN-SUBJECT")).MustBe(HttpStatusCode.ServiceUnavailable, "model-failed");
        Assert.Equal("1", failed.Headers["Retry-After"]);
        var entry = (await gateway.ReadAsync(NewestEntry))["items"]![0]!;
        Assert.Equal("inference-failed.v1", entry["type"]!.GetValue<string>());
        Assert.Contains("model-failed", entry.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("NAN-SUBJECT", entry.ToJsonString(), StringComparison.Ordinal);

        (await Lender.PromoteAsync(gateway, LenderFixture.CorrectedVersion)).MustBe(HttpStatusCode.Created);
        Assert.Equal("2", (await Lender.InferAsync(gateway, "NAN-SUBJECT")).MustBe(HttpStatusCode.OK).Json["model_version"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_canary_that_fails_is_taken_back_and_told_and_the_champion_goes_on()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var gateway = await TestGateway.StartAsync(
            copy.Path, $"Webhooks:ops:Url={receiver.Address}", "Webhooks:ops:Secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "Webhooks:ops:AllowPrivate=true",
            "Webhooks:ops:Types:0=governance.canary.stopped");
        await LiveRoute.WithThirdAsync(gateway, LiveRoute.NotANumber);
        (await gateway.PostAsync(LiveRoute.Path + "/settings", new { rollback = new { minimumAnswers = 5, failureRate = 0.2 } }, "olivia")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync(LiveRoute.Path + "/canary", new { version = 3, percent = 50 }, "olivia")).MustBe(HttpStatusCode.OK);

        var failed = new List<string>();
        for (var i = 0; failed.Count < 4; i++)
        {
            await AskAsync(gateway, "G-" + i, failed);
        }

        // Four are too few to conclude anything from.
        await WatchAsync(gateway);
        Assert.NotNull((await gateway.ReadAsync(LiveRoute.Path))["settings"]!["canary"]);
        await AskAsync(gateway, failed[0], failed);
        await WatchAsync(gateway);

        var route = await gateway.ReadAsync(LiveRoute.Path);
        Assert.Null(route["settings"]!["canary"]);
        Assert.Equal((2, true), (route["version"]!.GetValue<int>(), route["answers"]!.GetValue<bool>()));
        await receiver.WaitAsync(1);
        foreach (var subject in failed)
        {
            var answer = (await gateway.PostAsync(Lender.Route, LiveRoute.Call(subject), "loans-app")).MustBe(HttpStatusCode.OK);
            Assert.Equal("2", answer.Json["model_version"]!.GetValue<string>());
        }
    }

    private static async Task AskAsync(TestGateway gateway, string subject, List<string> failed)
    {
        var answer = await gateway.PostAsync(Lender.Route, LiveRoute.Call(subject), "loans-app");
        if (answer.Status == HttpStatusCode.OK)
        {
            Assert.Equal("2", answer.Json["model_version"]!.GetValue<string>());
        }
        else
        {
            answer.MustBe(HttpStatusCode.ServiceUnavailable, "model-failed");
            failed.Add(subject);
        }
    }

    private static Task WatchAsync(TestGateway gateway) => gateway.Services.GetRequiredService<RouteWatching>().RunAsync(Token);
}
