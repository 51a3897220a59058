using System.Text.RegularExpressions;
using Governance.Testing;

namespace Governance.EndToEnd.Tests;

/// <summary>The tour: <c>gov demo</c> against a running gateway, and what it leaves.</summary>
public sealed class TourTests : IDisposable
{
    private const int Steps = 8;
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => folder.File("data");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task SyntheticLender_CompletesTwiceOnOneGateway_AndProvesWhatItSays()
    {
        await using var gateway = await GatewayProcess.StartAsync(Data, Token);

        var first = await TourAsync(gateway, "first");
        var second = await TourAsync(gateway, "second");

        await CheckAsync(first, "first");
        await CheckAsync(second, "second");
    }

    [Theory]
    [InlineData("german_credit")]
    [InlineData("adult_income")]
    [Trait("Category", SharedMaterial.Conformance)]
    public async Task Case_Completes(string name)
    {
        SharedMaterial.SkipUnlessPresent("cases/" + name);
        await using var gateway = await GatewayProcess.StartAsync(Data, Token);

        var tour = await TourAsync(gateway, "case", "--case", Path.Combine(SharedMaterial.Root, "cases", name));

        await CheckAsync(tour, "case");
    }

    [Fact]
    public async Task KilledDuringTheTour_NothingAcknowledgedIsLost_AndTheTourGoesOn()
    {
        string[] acknowledged;
        await using (var gateway = await GatewayProcess.StartAsync(Data, Token))
        {
            var tour = TourAsync(gateway, "killed");
            acknowledged = await KillWhenDecidedAsync(gateway);
            var interrupted = await tour;
            Assert.Equal(9, interrupted.ExitCode);
            Assert.Contains("gov demo --run-id killed", interrupted.Error, StringComparison.Ordinal);
        }

        await using var again = await GatewayProcess.StartAsync(Data, Token);
        var kept = await LeavesAsync(again);
        Assert.Equal(acknowledged, kept[..acknowledged.Length]);
        await CheckAsync(await TourAsync(again, "killed"), "killed");
    }

    [Fact]
    public async Task SecondGatewayOnOneFolder_RefusesClearly_AndTheFirstServesOn()
    {
        await using var gateway = await GatewayProcess.StartAsync(Data, Token);

        var second = await GatewayProcess.RunToEndAsync(Data);

        Assert.Equal(75, second.ExitCode);
        Assert.Contains("written by", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Error, StringComparison.Ordinal);
        Assert.True(await gateway.As(null).IsReadyAsync(Token));
    }

    [Fact]
    public async Task DataFolderThatCannotBeWritten_RefusesClearly()
    {
        // A file stands where the folder should be: this holds for root too, whom permissions do not stop.
        await File.WriteAllTextAsync(Data, "", Token);

        var run = await GatewayProcess.RunToEndAsync(Data);

        Assert.NotEqual(0, run.ExitCode);
        Assert.StartsWith("governance: ", run.Error.Trim().Split('\n')[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    private Task<Execution> TourAsync(GatewayProcess gateway, string id, params string[] more) =>
        Execution.GovAsync(gateway.Address, ["demo", "--data", Data, "--out", folder.File("out"), "--run-id", id, "--json", .. more]);

    /// <summary>Waits until the governance log holds the first gate decision, notes what is acknowledged, and kills the gateway.</summary>
    private static async Task<string[]> KillWhenDecidedAsync(GatewayProcess gateway)
    {
        var auditor = gateway.As("audrey");
        while (true)
        {
            var entries = await auditor.ListEntriesAsync("governance", new(Size: 200), newestFirst: false, Token);
            if (entries.Items.Any(e => e.Type == "gate.evaluated.v1"))
            {
                await gateway.KillAsync();
                return [.. entries.Items.Select(e => e.LeafHash)];
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), Token);
        }
    }

    private static async Task<string[]> LeavesAsync(GatewayProcess gateway) =>
        [.. (await gateway.As("audrey").ListEntriesAsync("governance", new(Size: 200), newestFirst: false, Token)).Items.Select(e => e.LeafHash)];

    private async Task CheckAsync(Execution tour, string id)
    {
        Assert.True(tour.ExitCode == 0, tour.Error);
        var report = tour.Json;
        Assert.Equal(Enumerable.Range(1, Steps), report.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("number").GetInt32()));
        Assert.Equal(Steps, report.GetProperty("proved").GetArrayLength());
        Assert.Contains("flipped", Lines(report, 6), StringComparison.Ordinal);
        await CheckPdfAsync(Path.Combine(folder.File("out"), id, "validation-report.pdf"), 5, "Contents", "ROC", "sha256", "How to verify");
        await CheckPdfAsync(Path.Combine(folder.File("out"), id, "erasure-certificate.pdf"), 1, "S-");
    }

    private static string Lines(System.Text.Json.JsonElement report, int step) =>
        string.Join('\n', report.GetProperty("steps")[step - 1].GetProperty("lines").EnumerateArray().Select(l => l.GetString()));

    private static async Task CheckPdfAsync(string path, int fewestPages, params string[] words)
    {
        var info = await Execution.RunAsync("pdfinfo", [path]);
        Assert.Equal(0, info.ExitCode);
        Assert.InRange(int.Parse(Regex.Match(info.Out, @"Pages:\s+(\d+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), fewestPages, 100);
        var text = await Execution.RunAsync("pdftotext", ["-layout", path, "-"]);
        foreach (var word in words)
        {
            Assert.Contains(word, text.Out, StringComparison.OrdinalIgnoreCase);
        }
    }
}
