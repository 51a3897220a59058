using System.Diagnostics;
using System.Net;
using Governance.Gateway.Tests.Api;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Gateway.Tests.Protection;

/// <summary>Logs and traces hold nothing of what applications send.</summary>
[Collection(nameof(LenderFixture))]
public sealed class QuietLogTests(LenderFixture lender)
{
    private static readonly string[] Secrets = ["SUBJECT-SECRET", "REQUEST-SECRET", "87654.3", "NAME-SECRET"];

    [Fact]
    public async Task No_log_line_and_no_trace_holds_anything_of_a_request()
    {
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(copy.Path);
        using var kept = new KeptLog();
        gateway.Services.GetRequiredService<ILoggerFactory>().AddProvider(kept);
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = a => kept.Add(a.DisplayName + string.Join(';', a.TagObjects.Select(t => $"{t.Key}={t.Value}")) + string.Join(';', a.Events.SelectMany(e => e.Tags).Select(t => $"{t.Key}={t.Value}"))),
        };
        ActivitySource.AddActivityListener(listener);

        var call = Lender.Call("SUBJECT-SECRET");
        call["id"] = "REQUEST-SECRET";
        call["inputs"]![0]!["data"]![0] = 87654.3;
        (await gateway.PostAsync(Lender.Route, call.ToJsonString(), "loans-app")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync(Lender.Route, call.ToJsonString()[..^3], "loans-app")).MustBe(HttpStatusCode.BadRequest, "malformed-json");
        call["inputs"]![0]!["name"] = "NAME-SECRET";
        (await gateway.PostAsync(Lender.Route, call.ToJsonString(), "loans-app")).MustBe(HttpStatusCode.UnprocessableEntity, "unfit-request");
        (await gateway.PostAsync($"/api/v1/routes/{Lender.Model}/stop", new { reason = "Test." }, "carla")).MustBe(HttpStatusCode.OK);
        (await gateway.PostAsync(Lender.Route, call.ToJsonString(), "loans-app")).MustBe(HttpStatusCode.Conflict, "stopped");

        Assert.NotEmpty(kept.Lines);
        Assert.All(Secrets, secret => Assert.DoesNotContain(kept.Lines, line => line.Contains(secret, StringComparison.Ordinal)));
    }
}
