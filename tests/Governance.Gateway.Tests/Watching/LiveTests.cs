using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Governance.Core.Decisions;
using Governance.Data;
using Governance.Gateway.Intake;
using Governance.Gateway.Tests.Api;
using Governance.Gateway.Watching;
using Governance.Storage;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Gateway.Tests.Watching;

/// <summary>A lender's route under traffic, watched by the gateway as it runs.</summary>
public sealed class LiveTests(LenderFixture lender)
{
    private const string Live = $"/api/v1/routes/{Lender.Model}/live";
    private const string Outcomes = $"/api/v1/routes/{Lender.Model}/outcomes";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The lender's folder without what its own gateway counted, which depends on how long ago it was asked.</summary>
    private static TempFolder Uncounted(TestGateway walked)
    {
        var copy = walked.CopyFolder();
        foreach (var arm in Directory.CreateDirectory(copy.File("watching")).EnumerateFiles("arm-*.json"))
        {
            arm.Delete();
        }

        return copy;
    }

    [Fact]
    public async Task Traffic_that_moved_raises_one_alert_a_variable_that_outlives_a_restart_and_ends_with_the_route()
    {
        using var copy = Uncounted(await lender.GatewayAsync());
        string[] alerts;
        await using (var gateway = await TestGateway.StartAsync(copy.Path))
        {
            await WatchAsync(gateway);
            (await gateway.PostAsync(Lender.Route, Rows(0, 300), "loans-app")).MustBe(HttpStatusCode.OK);
            await WatchAsync(gateway);
            await WatchAsync(gateway);
            var still = (await gateway.ReadAsync(Live))["arms"]![0]!;
            Assert.Equal(("champion", 300L), (still["arm"]!.GetValue<string>(), still["rows"]!.GetValue<long>()));
            Assert.Equal(Lender.Corrected.Features.Prepend("score"), still["drift"]!.AsArray().Select(d => d!["variable"]!.GetValue<string>()));
            Assert.True(still["p99Ms"]!.GetValue<double>() > 0);
            var before = (await AlertsAsync(gateway)).Length;
            (await gateway.PostAsync($"/api/v1/routes/{Lender.Model}/settings", new { review = new { when = "all", onAlert = true } }, "olivia")).MustBe(HttpStatusCode.OK);
            Assert.Null((await Lender.InferAsync(gateway, "LIVE-0")).MustBe(HttpStatusCode.OK).Json["parameters"]!["review"]);

            (await gateway.PostAsync(Lender.Route, Rows(0, 1000, same: true), "loans-app")).MustBe(HttpStatusCode.OK);
            await WatchAsync(gateway);
            await WatchAsync(gateway);
            await WatchAsync(gateway);
            alerts = await AlertsAsync(gateway);
            Assert.True(alerts.Length > before, string.Join('\n', alerts));
            Assert.Equal(alerts.Length, alerts.Distinct(StringComparer.Ordinal).Count());

            // The owner wants people to look while something is open.
            Assert.Equal("pending", (await Lender.InferAsync(gateway, "LIVE-0")).MustBe(HttpStatusCode.OK).Json["parameters"]!["review"]![0]!.GetValue<string>());
        }

        await using var again = await TestGateway.StartAsync(copy.Path);
        Assert.Equal(alerts, await AlertsAsync(again));
        Assert.Equal(1302, (await again.ReadAsync(Live))["arms"]![0]!["rows"]!.GetValue<long>());
        (await again.PostAsync($"/api/v1/models/{Lender.Model}/versions/2/suspension", new { reason = "Drift." }, "victor")).MustBe(HttpStatusCode.OK);
        await WatchAsync(again);
        Assert.Empty(await AlertsAsync(again));
    }

    [Fact]
    public async Task Outcomes_are_joined_with_decisions_once_and_erased_with_them()
    {
        using var copy = Uncounted(await lender.GatewayAsync());
        await using (var gateway = await TestGateway.StartAsync(copy.Path))
        {
            var answer = (await gateway.PostAsync(Lender.Route, Rows(0, 200), "loans-app")).MustBe(HttpStatusCode.OK).Json;
            var first = answer["parameters"]!["audit_index"]!.GetValue<long>();
            var scores = answer["outputs"]![0]!["data"]!.AsArray().Select(s => s!.GetValue<double>()).ToArray();
            var labels = scores.Select((s, i) => s > 0.5 ? 1 : i % 7 == 0 ? 1 : 0).ToArray();
            var report = new { outcomes = labels.Select((label, row) => new { decision = first + row, label }) };

            Assert.Equal((200, 0, 0), Receipt(await gateway.PostAsync(Outcomes, report, "loans-app")));
            Assert.Equal((0, 200, 0), Receipt(await gateway.PostAsync(Outcomes, report, "loans-app")));
            Assert.Equal((0, 0, 2), Receipt(await gateway.PostAsync(
                Outcomes, new { outcomes = new[] { new { decision = long.MaxValue, label = 1 }, new { decision = -1L, label = 1 } } }, "loans-app")));
            var known = (await gateway.ReadAsync(Live))["arms"]![0]!["outcomes"]!;
            Assert.Equal((200L, (long)labels.Sum()), (known["labelled"]!.GetValue<long>(), known["positives"]!.GetValue<long>()));
            Assert.Equal(scores.Zip(labels, (s, l) => (s - l) * (s - l)).Average(), known["brier"]!.GetValue<double>(), 9);

            var id = await Lender.ApprovedErasureAsync(gateway, "LIVE-7");
            (await gateway.PostAsync($"/api/v1/erasures/{id}/execution", "", "dora")).MustBe(HttpStatusCode.OK);
        }

        await using var again = await TestGateway.StartAsync(copy.Path);
        Assert.Equal(199, (await again.ReadAsync(Live))["arms"]![0]!["outcomes"]!["labelled"]!.GetValue<long>());
        Assert.DoesNotContain("LIVE-", string.Concat(Directory.EnumerateFiles(copy.File("watching")).Select(File.ReadAllText)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_training_data_drift_is_unknown_and_one_line_says_so()
    {
        var walked = await lender.GatewayAsync();
        var state = walked.Services.GetRequiredService<Governor>().State;
        var training = state.Datasets[state.Version(Lender.Model, LenderFixture.CorrectedVersion)!.Submission.TrainingDataset];
        using var copy = Uncounted(walked);
        File.Delete(copy.File(Path.GetRelativePath(walked.Folder, walked.Services.GetRequiredService<ArtifactStore>().Locate(training.Digest))));
        foreach (var profile in Directory.CreateDirectory(copy.File("watching")).EnumerateFiles("profile-*.json"))
        {
            profile.Delete();
        }

        using var kept = new KeptLog();
        await using var gateway = await TestGateway.StartAsync(copy.Path, TimeProvider.System, s => s.AddSingleton<ILoggerProvider>(kept));
        (await gateway.PostAsync(Lender.Route, Rows(0, 300), "loans-app")).MustBe(HttpStatusCode.OK);
        await WatchAsync(gateway);
        await WatchAsync(gateway);

        var arm = (await gateway.ReadAsync(Live))["arms"]![0]!;
        Assert.Equal((300L, 0), (arm["rows"]!.GetValue<long>(), arm["drift"]!.AsArray().Count));
        var line = Assert.Single(kept.Lines, l => l.Contains("drift is not known", StringComparison.Ordinal));
        Assert.Contains($"'{training.Id}'", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task A_schema_that_is_not_one_makes_a_dataset_unreadable()
    {
        using var folder = new TempFolder();
        var store = new ArtifactStore(folder.Path);
        var training = (await lender.GatewayAsync()).Services.GetRequiredService<Governor>().State.Datasets.Values.First();
        var dataset = training with { SchemaDigest = await store.PutAsync("not a schema"u8.ToArray(), Token), Digest = await store.PutAsync("a\n1\n"u8.ToArray(), Token) };
        await Assert.ThrowsAsync<DatasetUnreadableException>(() => new DatasetReader(store).ReadAsync(dataset, Token));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused()
    {
        var gateway = await lender.GatewayAsync();
        var one = new { outcomes = new[] { new { decision = 0, label = 1 } } };
        (await gateway.PostAsync(Outcomes, one, "victor")).MustBe(HttpStatusCode.Forbidden, "role-required");
        (await gateway.PostAsync("/api/v1/routes/none/outcomes", one, "loans-app")).MustBe(HttpStatusCode.NotFound, "model-unknown");
        (await gateway.PostAsync(Outcomes, new { outcomes = new[] { new { decision = 0, label = 2 } } }, "loans-app")).MustBe(HttpStatusCode.UnprocessableEntity, "invalid-outcomes");
        (await gateway.PostAsync(Outcomes, new { outcomes = Array.Empty<object>() }, "loans-app")).MustBe(HttpStatusCode.UnprocessableEntity, "invalid-outcomes");
        (await gateway.GetAsync(Live + "?minutes=0")).MustBe(HttpStatusCode.UnprocessableEntity, "invalid-window");
        (await gateway.GetAsync("/api/v1/routes/none/live")).MustBe(HttpStatusCode.NotFound, "model-unknown");
    }

    private static Task WatchAsync(TestGateway gateway) => gateway.Services.GetRequiredService<RouteWatching>().RunAsync(Token);

    private static async Task<string[]> AlertsAsync(TestGateway gateway) =>
        [.. (await gateway.ReadAsync("/api/v1/alerts"))["items"]!.AsArray().Where(a => a!["kind"]!.GetValue<string>() == "liveMonitor").Select(a => a!["message"]!.GetValue<string>())];

    private static (int Accepted, int Repeated, int Unknown) Receipt(Answer answer)
    {
        var json = answer.MustBe(HttpStatusCode.OK).Json;
        return (json["accepted"]!.GetValue<int>(), json["repeated"]!.GetValue<int>(), json["unknown"]!.AsArray().Count);
    }

    /// <param name="same">The first row over and over.</param>
    private static string Rows(int first, int count, bool same = false)
    {
        var call = Lender.Call("x");
        call["parameters"] = new JsonObject { ["subject_ids"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"LIVE-{i}")))]) };
        var tensor = call["inputs"]![0]!;
        var features = Lender.Corrected.Features.Select(f => ((Float32Column)Lender.Portfolio.Evaluation[f]).Values).ToArray();
        tensor["shape"] = new JsonArray(count, features.Length);
        tensor["data"] = new JsonArray([.. Enumerable.Range(first, count).SelectMany(row => features.Select(f => JsonValue.Create(f.Span[same ? first : row])))]);
        return call.ToJsonString();
    }
}
