using System.Text.Json;
using System.Text.RegularExpressions;
using Governance.Testing;

namespace Governance.EndToEnd.Tests;

/// <summary>The tour through real processes: gateway, gov, WeasyPrint; what it leaves is checked with other people's tools.</summary>
public sealed partial class TourTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_synthetic_lender_is_governed_from_registration_to_erasure()
    {
        Programs.Need("weasyprint", "weasyprint");
        await using var gateway = await GatewayProcess.StartAsync(folder.File("data"), Token);

        var tour = await TourAsync(gateway);

        Assert.Equal(8, tour.GetProperty("steps").GetArrayLength());
        await CheckDocumentsAsync(tour);
        await CheckLogAsync(tour);

        // And again, on the same gateway, as another run.
        Assert.NotEqual(tour.GetProperty("runId").GetString(), (await TourAsync(gateway)).GetProperty("runId").GetString());
    }

    [Theory]
    [InlineData("german_credit")]
    [InlineData("adult_income")]
    [Trait("Category", SharedMaterial.Conformance)]
    public async Task A_case_of_real_data_is_governed_from_registration_to_erasure(string name)
    {
        Programs.Need("weasyprint", "weasyprint");
        SharedMaterial.SkipUnlessPresent(Path.Combine("cases", name));
        await using var gateway = await GatewayProcess.StartAsync(folder.File("data"), Token);

        var tour = await TourAsync(gateway, "--case", Path.Combine(SharedMaterial.Root, "cases", name));

        Assert.Equal(8, tour.GetProperty("steps").GetArrayLength());
        await CheckDocumentsAsync(tour);
    }

    [Fact]
    public async Task Killed_in_the_middle_the_gateway_loses_nothing_acknowledged_and_the_tour_goes_on()
    {
        Programs.Need("weasyprint", "weasyprint");
        var data = folder.File("data");
        const string RunId = "0badc0de";
        string[] acknowledged;
        await using (var gateway = await GatewayProcess.StartAsync(data, Token))
        {
            var touring = Programs.GovAsync(Arguments(gateway, "--run-id", RunId), Token);
            acknowledged = await UntilEntriesAsync(gateway, 30);
            await gateway.KillAsync();
            var (exitCode, _, error) = await touring;
            Assert.Equal(9, exitCode);
            Assert.Contains("gov demo --run-id " + RunId, error, StringComparison.Ordinal);
        }

        var before = await Programs.GovAsync(["ledger", "verify", Copy(data, "killed"), "--json"], Token);
        await using (var again = await GatewayProcess.StartAsync(data, Token))
        {
            var kept = await LeavesAsync(again);
            Assert.Equal(acknowledged, kept[..acknowledged.Length]);
            var tour = await TourAsync(again, "--run-id", RunId);
            Assert.Equal(8, tour.GetProperty("steps").GetArrayLength());
        }

        // The copy as the kill left it: what its last checkpoint covers verifies.
        Assert.True(before.ExitCode == 0, before.Output + before.Error);
    }

    [Fact]
    public async Task A_second_gateway_on_the_same_folder_is_refused_in_one_line()
    {
        var data = folder.File("data");
        await using var first = await GatewayProcess.StartAsync(data, Token);

        var (exitCode, error) = await GatewayProcess.RefusedAsync(data, Token);

        Assert.Equal(75, exitCode);
        Assert.Contains("Only one writer is allowed", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_refused_in_one_line()
    {
        // A file stands where the folder should be: this stops root too, whom permissions do not.
        var data = folder.File("data");
        await File.WriteAllTextAsync(data, "", Token);

        var (exitCode, error) = await GatewayProcess.RefusedAsync(data, Token);

        Assert.Equal(75, exitCode);
        Assert.StartsWith("governance: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private string[] Arguments(GatewayProcess gateway, params string[] more) =>
        ["demo", "--url", gateway.Address.AbsoluteUri, "--data", folder.File("data"), "--out", folder.File("out"), "--json", .. more];

    private async Task<JsonElement> TourAsync(GatewayProcess gateway, params string[] more)
    {
        var (exitCode, output, error) = await Programs.GovAsync(Arguments(gateway, more), Token);
        Assert.True(exitCode == 0, $"gov demo ended with {exitCode}: {error}");
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>Waits until the governance log has so many entries, asking as the auditor; the leaf hashes of those it then has.</summary>
    private static async Task<string[]> UntilEntriesAsync(GatewayProcess gateway, long entries)
    {
        using var callers = new Callers(gateway.Address);
        var client = callers.As("audrey");
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await poll.WaitForNextTickAsync(Token))
        {
            var logs = await client.ListLogsAsync(Token);
            if (logs.Single(l => l.Name == "governance").Size >= entries)
            {
                break;
            }
        }

        return await LeavesAsync(gateway);
    }

    /// <summary>Leaf hashes of the governance log from its first entry, at most a page of them.</summary>
    private static async Task<string[]> LeavesAsync(GatewayProcess gateway)
    {
        using var callers = new Callers(gateway.Address);
        var entries = await callers.As("audrey").ListEntriesAsync("governance", new(Size: 200), newestFirst: false, Token);
        return [.. entries.Items.Select(e => e.LeafHash)];
    }

    /// <summary>Both PDFs: what pdfinfo and pdftotext say of them.</summary>
    private async Task CheckDocumentsAsync(JsonElement tour)
    {
        Programs.Need("pdftotext", "poppler-utils");
        var run = Path.Combine(folder.File("out"), tour.GetProperty("runId").GetString()!);
        foreach (var (file, title, words) in new[]
        {
            ("validation-report.pdf", "Model validation report", new[] { "Contents", "Discrimination", "Adverse impact", "Independence", "root" }),
            ("erasure-certificate.pdf", "Certificate of erasure", ["Contents", "Art. 17(1)", "Olivia Brandt", "Carla Moretti"]),
        })
        {
            var path = Path.Combine(run, file);
            var info = await Programs.RunAsync("pdfinfo", [path], Token);
            Assert.Contains(title, info.Output, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("WeasyPrint", info.Output, StringComparison.Ordinal);
            var text = (await Programs.RunAsync("pdftotext", ["-layout", path, "-"], Token)).Output;
            Assert.All(words, word => Assert.Contains(word, text, StringComparison.OrdinalIgnoreCase));
            Assert.Matches(PageOfPages(), text);
        }

        // The certificate holds nothing of the erased person.
        var certificate = (await Programs.RunAsync("pdftotext", [Path.Combine(run, "erasure-certificate.pdf"), "-"], Token)).Output;
        Assert.DoesNotMatch(SubjectId(), certificate);
    }

    /// <summary>The log of the running gateway, copied: proved by gov in another process, and a changed byte found.</summary>
    private async Task CheckLogAsync(JsonElement tour)
    {
        Assert.NotEqual(JsonValueKind.Undefined, tour.ValueKind);
        var copy = Copy(folder.File("data"), "copy");
        var sound = await Programs.GovAsync(["ledger", "fsck", copy, "--json"], Token);
        Assert.True(sound.ExitCode == 0, sound.Output + sound.Error);

        var segment = Directory.EnumerateFiles(Path.Combine(copy, "segments"), "*.seg").First();
        var bytes = await File.ReadAllBytesAsync(segment, Token);
        bytes[SegmentBytes.Written(bytes) / 2] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, Token);
        var damaged = await Programs.GovAsync(["ledger", "fsck", copy], Token);
        Assert.Equal(8, damaged.ExitCode);
        Assert.Contains(Path.GetFileName(segment), damaged.Output + damaged.Error, StringComparison.Ordinal);
    }

    private string Copy(string data, string name)
    {
        var source = new DirectoryInfo(Path.Combine(data, "ledger", "governance"));
        var target = folder.File(name);
        foreach (var file in source.EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.Name != "lock"))
        {
            var to = Path.Combine(target, Path.GetRelativePath(source.FullName, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            file.CopyTo(to);
        }

        return target;
    }

    [GeneratedRegex("Page [0-9]+ of [0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PageOfPages();

    [GeneratedRegex("APP-[0-9]{6}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SubjectId();
}
