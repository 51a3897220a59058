using System.Net;
using System.Text.Json.Nodes;

namespace Governance.Gateway.Tests.Api;

/// <summary>A full disk: no record, no act, no answer; what was acknowledged stays, and the gateway stays up to say so.</summary>
[Collection(nameof(LenderFixture))]
public sealed class FullDiskTests(LenderFixture lender)
{
    [Fact]
    public async Task No_record_no_act()
    {
        using var disk = await LenderOnSmallDiskAsync();
        var acknowledged = new List<string>();
        JsonNode before;
        await using (var gateway = await TestGateway.StartAsync(disk.Path))
        {
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
            before = await gateway.ReadAsync("/api/v1/models");
            Assert.Equal(1 + acknowledged.Count, before["items"]!.AsArray().Count);
        }

        File.Delete(Path.Combine(disk.Path, "filler"));
        await using var again = await TestGateway.StartAsync(disk.Path);
        var after = (await again.ReadAsync("/api/v1/models"))["items"]!.AsArray().Select(m => m!["id"]!.GetValue<string>()).ToList();
        Assert.Empty(acknowledged.Except(after));
        Assert.InRange(after.Count, 1 + acknowledged.Count, 2 + acknowledged.Count);
        (await again.PostAsync("/api/v1/models", Lender.Registration("room-again"), "dana")).MustBe(HttpStatusCode.Created);
        Assert.True((await again.PostAsync("/api/v1/ledger/logs/governance/verification", "", "audrey")).Json["verified"]!.GetValue<bool>());
    }

    [Fact]
    public async Task No_record_no_answer()
    {
        using var disk = await LenderOnSmallDiskAsync();
        var answered = new List<long>();
        await using (var gateway = await TestGateway.StartAsync(disk.Path))
        {
            disk.Fill();
            Answer refused;
            do
            {
                refused = await Lender.InferAsync(gateway, "APP-1");
                if (refused.Status == HttpStatusCode.OK)
                {
                    answered.Add(refused.Json["parameters"]!["audit_index"]!.GetValue<long>());
                }
            }
            while (refused.Status == HttpStatusCode.OK && answered.Count < 200);

            refused.MustBe(HttpStatusCode.ServiceUnavailable, "ledger-unavailable");
            Assert.DoesNotContain("favourable", refused.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("score", refused.Text, StringComparison.Ordinal);
            (await Lender.InferAsync(gateway, "APP-2")).MustBe(HttpStatusCode.ServiceUnavailable, "ledger-unavailable");
            Assert.Contains("Start the gateway again", (await gateway.GetAsync("/health/ready", persona: null)).MustBe(HttpStatusCode.ServiceUnavailable, "ledger-unavailable").Text, StringComparison.Ordinal);
            (await gateway.GetAsync("/health/live", persona: null)).MustBe(HttpStatusCode.OK);
            (await gateway.ReadAsync("/api/v1/models")).AsObject();

            // What the storage ends with is known at a start only, so room alone is not enough.
            File.Delete(Path.Combine(disk.Path, "filler"));
            (await Lender.InferAsync(gateway, "APP-2")).MustBe(HttpStatusCode.ServiceUnavailable, "ledger-unavailable");
            (await gateway.GetAsync("/health/ready", persona: null)).MustBe(HttpStatusCode.ServiceUnavailable, "ledger-unavailable");
        }

        await using var again = await TestGateway.StartAsync(disk.Path);
        foreach (var index in answered)
        {
            Assert.Equal("opened", (await again.ReadAsync($"/api/v1/decisions/{index}", "carla"))["payloadStatus"]!.GetValue<string>());
        }

        (await Lender.InferAsync(again, "APP-1")).MustBe(HttpStatusCode.OK);
    }

    private static void Unavailable(Answer answer) =>
        Assert.True(answer.Status == HttpStatusCode.ServiceUnavailable && answer.Code is "ledger-unavailable" or "storage-unavailable", answer.ToString());

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
