using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Evidence;
using Governance.Core.Inventory;
using Governance.Ledger;
using Governance.Storage;
using Governance.Testing;

namespace Governance.Benchmarks.Startup;

/// <summary>
/// From starting the gateway's process to its first ready answer, on an empty data folder and on one whose governance log has 10,000 events:
/// both in one run, several times, alternating. Options: <c>--events N</c>, <c>--rounds N</c>.
/// </summary>
internal static class StartupBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        var events = Option(args, "--events", 10_000);
        var rounds = Option(args, "--rounds", 5);
        using var folder = new TempFolder();
        var (empty, full) = (folder.File("empty"), folder.File("full"));
        await FillAsync(full, events);
        await StartAsync(empty);
        await StartAsync(full);

        var (emptySeconds, fullSeconds) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            emptySeconds.Add(await StartAsync(empty));
            fullSeconds.Add(await StartAsync(full));
        }

        Print("empty log", emptySeconds);
        Print(string.Create(CultureInfo.InvariantCulture, $"{events} events"), fullSeconds);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            benchmark = "startup",
            events,
            rounds,
            empty_median_s = Median(emptySeconds),
            full_median_s = Median(fullSeconds),
            full_max_s = fullSeconds.Max(),
            processors = Environment.ProcessorCount,
        }));
        return 0;
    }

    private static async Task FillAsync(string dataFolder, int events)
    {
        var folder = Path.Combine(dataFolder, "ledger", "governance");
        Directory.CreateDirectory(folder);
        using var signer = EcdsaNoteSigner.FromFile("governance.local/governance", Path.Combine(dataFolder, "keys", "governance-log.pem"));
        await using var log = LedgerLog.Open(folder, new LedgerOptions { Signers = [signer] });
        using var store = new FileEventStore(log);
        for (var model = 0; model * 10 < events; model++)
        {
            var stream = string.Create(CultureInfo.InvariantCulture, $"model/model-{model}");
            var recorded = Events(stream["model/".Length..]).Select((e, i) => new RecordedEvent
            {
                Stream = stream,
                Version = i + 1,
                Time = DateTimeOffset.UnixEpoch.AddSeconds(model),
                Actor = "dana",
                Event = e,
            });
            if (await store.AppendAsync(stream, 0, [.. recorded], CancellationToken.None) is not AppendOutcome.Appended)
            {
                throw new InvalidOperationException("The log could not be filled.");
            }
        }
    }

    /// <summary>Ten events of one model, with members as long as real ones.</summary>
    private static IEnumerable<GovernanceEvent> Events(string id)
    {
        var digest = Digest.Of(System.Text.Encoding.UTF8.GetBytes(id));
        yield return new ModelRegistered(new ModelRegistration
        {
            Id = id, Name = "Consumer credit scorecard", Use = "Decides applications for consumer credit", Tier = Tier.One, Owner = "olivia",
            Developers = ["dana"], Jurisdictions = ["EU"], Automation = Automation.Sole,
        });
        yield return new TierConfirmed(id, Tier.One);
        yield return new VersionSubmitted(id, new VersionSubmission
        {
            Number = 1, Artifact = digest, Description = "First", Features = [.. Enumerable.Range(0, 50).Select(i => $"feature_{i}")],
            TrainingDataset = "train", EvaluationDataset = "test", Threshold = 0.3, FavourablePrediction = 0,
        });
        yield return new CheckRunStarted(id, 1, "run", ["validation.discrimination"], 1);
        foreach (var check in new[] { "validation.discrimination", "validation.calibration", "validation.stability", "fairness.adverse_impact", "privacy.membership_inference" })
        {
            yield return new EvidenceRecorded(id, 1, "run", check, CheckFamily.Validation, digest, digest);
        }

        yield return new CheckRunFinished(id, 1, "run", 5, [], []);
    }

    private static async Task<double> StartAsync(string dataFolder)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var gateway = Path.Combine(SharedMaterial.RepositoryRoot, "src", "Governance.Gateway", "bin", configuration, "net10.0", "Governance.Gateway.dll");
        var start = new ProcessStartInfo("dotnet", [gateway, "--data", dataFolder, "--urls", address.AbsoluteUri]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        using var http = new HttpClient();
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        try
        {
            while (!process.HasExited)
            {
                try
                {
                    using var ready = await http.GetAsync(new Uri(address, "/health/ready"));
                    if (ready.StatusCode == HttpStatusCode.OK)
                    {
                        return Stopwatch.GetElapsedTime(began).TotalSeconds;
                    }
                }
                catch (HttpRequestException)
                {
                    await Task.Delay(5);
                }
            }

            throw new InvalidOperationException($"The gateway ended with {process.ExitCode}.");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    private static void Print(string name, List<double> seconds) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{name,-14} min {seconds.Min():0.00} s   median {Median(seconds):0.00} s   max {seconds.Max():0.00} s"));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static int Option(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
