using System.Net;

namespace Governance.Gateway.Tests.Api;

/// <summary>
/// A full disk: no record, no act, no answer; what was acknowledged stays, the gateway stays up to say so, and goes on by itself when there is room.
/// </summary>
[Collection(nameof(LenderFixture))]
public sealed class FullDiskTests(LenderFixture lender)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_record_no_act()
    {
        using var disk = await LenderOnSmallDiskAsync();
        var acknowledged = new List<string>();
        await using var gateway = await TestGateway.StartAsync(disk.Path);
        disk.Fill();
        Answer refused;
        var id = 0;
        do
        {
            // What is left in the last page of the file still takes a few.
            refused = await gateway.PostAsync("/api/v1/models", Lender.Registration("full-" + id), "dana");
            if (refused.Status == HttpStatusCode.Created)
            {
                acknowledged.Add("full-" + id);
            }
        }
        while (refused.Status == HttpStatusCode.Created && ++id < 100);

        refused.MustBe(HttpStatusCode.ServiceUnavailable, "ledger-unavailable");
        (await gateway.GetAsync("/api/v1/models/full-" + id)).MustBe(HttpStatusCode.NotFound, "model-unknown");
        (await gateway.GetAsync("/health/ready", persona: null)).MustBe(HttpStatusCode.ServiceUnavailable, "ledger-unavailable");
        (await gateway.GetAsync("/health/live", persona: null)).MustBe(HttpStatusCode.OK);
        Unavailable(await gateway.PostAsync($"/api/v1/models/{Lender.Model}/tier", new { tier = "two" }, "victor"));
        Unavailable(await Lender.PromoteAsync(gateway, LenderFixture.BiasedVersion));
        Unavailable(await gateway.PostAsync("/api/v1/erasures", new { subject = "s", ground = "objection" }, "dora"));
        Unavailable(await gateway.UploadAsync("/api/v1/datasets", Lender.Dataset("full-data", "training"), new byte[200_000], "dana"));
        Assert.Equal(1 + acknowledged.Count, (await gateway.ReadAsync("/api/v1/models"))["items"]!.AsArray().Count);

        disk.MakeRoom();
        await ReadyAgainAsync(gateway.Address);
        var after = (await gateway.ReadAsync("/api/v1/models"))["items"]!.AsArray().Select(m => m!["id"]!.GetValue<string>());
        Assert.Equal(acknowledged.Append(Lender.Model).Order(), after.Order());
        (await gateway.PostAsync("/api/v1/models", Lender.Registration("full-" + id), "dana")).MustBe(HttpStatusCode.Created);
        Assert.True((await gateway.PostAsync("/api/v1/ledger/logs/governance/verification", "", "audrey")).Json["verified"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Full_under_load_and_then_with_room_again_it_answers_without_a_restart_and_no_answer_is_lost()
    {
        using var disk = await LenderOnSmallDiskAsync();
        await using var process = await RunningGateway.StartAsync(disk.Path, Token);
        await using var load = await InferenceLoad.StartAsync(process.Address, workers: 4, Token);
        for (var time = 0; time < 2; time++)
        {
            await load.UntilMoreAsync(() => load.Given.Count, 20);
            disk.Fill();
            await load.UntilMoreAsync(() => load.Refused.Count, 20);
            Assert.Contains("goes on by itself", await SaidAsync(process.Address, "/health/ready", HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
            await SaidAsync(process.Address, "/health/live", HttpStatusCode.OK);
            disk.MakeRoom();
            await ReadyAgainAsync(process.Address);
        }

        await load.UntilMoreAsync(() => load.Given.Count, 20);
        await load.StopAsync();
        Assert.All(load.Refused, r => Assert.Equal((HttpStatusCode.ServiceUnavailable, "ledger-unavailable"), (r.Status, r.Code)));
        Assert.All(load.Refused, r => Assert.DoesNotContain("favourable", r.Text, StringComparison.Ordinal));
        await load.CheckAsync(process.Address);
    }

    private static void Unavailable(Answer answer) =>
        Assert.True(answer.Status == HttpStatusCode.ServiceUnavailable && answer.Code is "ledger-unavailable" or "storage-unavailable", answer.ToString());

    private static async Task<string> SaidAsync(Uri gateway, string path, HttpStatusCode status)
    {
        using var http = new HttpClient { BaseAddress = gateway };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Token);
        Assert.Equal(status, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Token);
    }

    /// <summary>Within half a minute of the last attempt; the test's own time-out is the limit.</summary>
    private static async Task ReadyAgainAsync(Uri address)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await poll.WaitForNextTickAsync(Token))
        {
            using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
            if (ready.IsSuccessStatusCode)
            {
                return;
            }
        }
    }

    private async Task<SmallDisk> LenderOnSmallDiskAsync()
    {
        var disk = SmallDisk.Mount("24m");
        using var copy = (await lender.GatewayAsync()).CopyFolder();
        foreach (var file in Directory.EnumerateFiles(copy.Path, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(disk.Path, Path.GetRelativePath(copy.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return disk;
    }
}
