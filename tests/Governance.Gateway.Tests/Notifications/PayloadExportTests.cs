using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Serving;
using Governance.Gateway.Exports;
using Governance.Gateway.Notifications;
using Governance.Gateway.Tests.Api;
using Governance.Gateway.Watching;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Gateway.Tests.Notifications;

/// <summary>Copies of answered requests, where the owner of a route sends them somewhere.</summary>
[Collection(nameof(LenderFixture))]
public sealed class PayloadExportTests(LenderFixture lender)
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Settings = $"/api/v1/routes/{Lender.Model}/settings";

    [Fact]
    public async Task A_route_copies_features_and_outputs_and_nobodys_name_and_the_erasure_says_where_the_copies_are()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using var gateway = await TestGateway.StartAsync(
            copy.Path, $"PayloadSinks:watch:Url={receiver.Address}/log", $"PayloadSinks:watch:Secret={Secret}", "PayloadSinks:watch:AllowPrivate=true");
        (await Lender.InferAsync(gateway, "APP-BEFORE")).MustBe(HttpStatusCode.OK);
        (await ConfigureAsync(gateway, new ExportRule("nowhere"))).MustBe(HttpStatusCode.UnprocessableEntity, "sink-unknown");
        (await ConfigureAsync(gateway, new ExportRule("watch"))).MustBe(HttpStatusCode.OK);

        var call = Lender.Call("APP-COPIED");
        var answer = (await gateway.PostAsync(Lender.Route, call, "loans-app")).MustBe(HttpStatusCode.OK).Json;
        await receiver.WaitAsync(2);
        // The same request again is the same answer, which was copied already.
        (await gateway.PostAsync(Lender.Route, call, "loans-app")).MustBe(HttpStatusCode.OK);
        Assert.Equal(["org.kubeflow.serving.inference.request", "org.kubeflow.serving.inference.response"], receiver.Received.Select(r => r.Event["ce-type"]));
        Assert.Single(receiver.Received.Select(r => r.Event["ce-id"]).Distinct());
        Assert.Equal(2, receiver.Received.Select(r => r.Id).Distinct().Count());
        Assert.All(receiver.Received, r =>
        {
            Assert.Equal(("1.0", Lender.Model, "default", "application/json", "/log"), (r.Event["ce-specversion"], r.Event["ce-inferenceservicename"], r.Event["ce-endpoint"], r.ContentType, r.Path));
            Assert.Equal(WebhookSecret.TryParse(Secret)!.Sign(r.Id, r.Timestamp, r.Body), r.Signature);
            Assert.DoesNotContain("APP-", Encoding.UTF8.GetString(r.Body), StringComparison.Ordinal);
            Assert.DoesNotContain(call["id"]!.GetValue<string>(), Encoding.UTF8.GetString(r.Body), StringComparison.Ordinal);
        });
        var (request, response) = (JsonNode.Parse(receiver.Received[0].Body)!, JsonNode.Parse(receiver.Received[1].Body)!);
        Assert.True(JsonNode.DeepEquals(call["inputs"]![0]!["data"], request["inputs"]![0]!["data"]));
        Assert.True(JsonNode.DeepEquals(answer["outputs"], response["outputs"]));
        var index = answer["parameters"]!["audit_index"];
        Assert.Equal(index!.GetValue<long>(), response["parameters"]!["audit_index"]!.GetValue<long>());
        Assert.Equal("watch", (await gateway.ReadAsync($"/api/v1/ledger/logs/inference/entries/{index}"))["entry"]!["export"]!.GetValue<string>());

        (await ConfigureAsync(gateway, new ExportRule("watch", Subjects: true))).MustBe(HttpStatusCode.OK);
        (await Lender.InferAsync(gateway, "APP-NAMED")).MustBe(HttpStatusCode.OK);
        await receiver.WaitAsync(4);
        Assert.Equal("""{"subject_ids":[["APP-NAMED"]]}""", JsonNode.Parse(receiver.Received[2].Body)!["parameters"]!.ToJsonString());

        // A sink that takes nothing holds nobody up.
        receiver.Answer = HttpStatusCode.ServiceUnavailable;
        (await Lender.InferAsync(gateway, "APP-COPIED")).MustBe(HttpStatusCode.OK);
        await receiver.WaitAsync(5);
        (await ConfigureAsync(gateway, null)).MustBe(HttpStatusCode.OK);
        (await Lender.InferAsync(gateway, "APP-COPIED")).MustBe(HttpStatusCode.OK);

        // Two answers about this person went there, the third did not; none can be called back.
        foreach (var (subject, recipients) in new[] { ("APP-COPIED", """[{"sink":"watch","records":2}]"""), ("APP-BEFORE", null) })
        {
            var id = await Lender.ApprovedErasureAsync(gateway, subject);
            (await gateway.PostAsync($"/api/v1/erasures/{id}/execution", "", "dora")).MustBe(HttpStatusCode.OK);
            var started = gateway.Services.GetRequiredService<Core.Decisions.Governor>().State.Erasures[id].Started!;
            Assert.Equal(recipients, started.Recipients is { } told ? Encoding.UTF8.GetString(GovernanceJson.Serialize(told)) : null);
        }
    }

    [Fact]
    public async Task A_gateway_that_lacks_the_sink_of_a_route_answers_and_counts_what_is_not_copied()
    {
        const string Sink = "only-elsewhere";
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        await using (var elsewhere = await TestGateway.StartAsync(
            copy.Path, $"PayloadSinks:{Sink}:Url=http://127.0.0.1:9", $"PayloadSinks:{Sink}:Secret={Secret}", $"PayloadSinks:{Sink}:AllowPrivate=true"))
        {
            (await ConfigureAsync(elsewhere, new ExportRule(Sink))).MustBe(HttpStatusCode.OK);
        }

        await using var gateway = await TestGateway.StartAsync(copy.Path);
        (await Lender.InferAsync(gateway, "APP-1")).MustBe(HttpStatusCode.OK);
        (await Lender.InferAsync(gateway, "APP-2")).MustBe(HttpStatusCode.OK);
        var counted = new List<(string? Outcome, long Count)>();
        using var listener = new MeterListener { InstrumentPublished = (i, l) => Listen(i, l) };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => t.Value as string);
            if (named["governance.sink"] == Sink)
            {
                counted.Add((named["governance.outcome"], count));
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal([("missing", 2L)], counted);

        static void Listen(Instrument instrument, MeterListener listener)
        {
            if (instrument.Name == InferenceMeter.Exported)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        }
    }

    [Fact]
    public void What_waits_for_a_sink_is_bounded_and_the_rest_is_dropped_and_counted()
    {
        using var sink = new PayloadSink("watch", new PayloadSinkOptions { Url = "http://127.0.0.1:9", Secret = Secret, AllowPrivate = true }, "test", TimeProvider.System);
        for (var i = 0; i < PayloadSink.MostWaiting + 5; i++)
        {
            sink.Offer(1, () => null!);
        }

        sink.Offer(int.MaxValue, () => throw new InvalidOperationException("There is no room to make it."));
        Assert.Equal((6, 0, 0), (sink.Dropped, sink.Sent, sink.Failed));
    }

    [Fact]
    public void A_sink_is_checked_like_a_webhook()
    {
        var faults = new PayloadSinkOptions { Url = "http://example.org/" }.Faults("No Name").ToList();
        Assert.Equal(3, faults.Count);
        Assert.All(new[] { ": the name", ":Url", ":Secret" }, part => Assert.Contains(faults, f => f.StartsWith("Gateway:PayloadSinks:No Name" + part, StringComparison.Ordinal)));
    }

    private static Task<Answer> ConfigureAsync(TestGateway gateway, ExportRule? export) =>
        gateway.PostAsync(Settings, Encoding.UTF8.GetString(GovernanceJson.Serialize(new RouteSettings { Export = export })), "olivia");
}
