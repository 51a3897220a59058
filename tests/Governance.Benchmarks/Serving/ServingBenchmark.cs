using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Governance.Models.Onnx;
using Governance.Testing;

namespace Governance.Benchmarks.Serving;

/// <summary>
/// Governed inference beside the same inference without governance, all in one run on one machine over loopback, the load generator in another
/// process: closed loop for throughput, open loop for latency. Options: <c>--seconds N</c> for each measurement, <c>--connections N</c>,
/// <c>--rate N</c>, <c>--gateway DLL</c> for another build of the gateway, <c>--reasons-only</c> for what reasons add and nothing else.
/// </summary>
internal static class ServingBenchmark
{
    private const int BatchRows = 1000;

    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = Option(args, "--seconds", 5);
        var connections = Option(args, "--connections", 32);
        var rate = Option(args, "--rate", 5000);
        var isBinary = !args.Contains("--no-binary");
        var modes = args.Contains("--sync-only") ? new[] { ServingCase.Durable } : [ServingCase.Durable, ServingCase.Bounded];
        using var folder = new TempFolder();
        var dataFolder = folder.File("data");
        await ServingCase.PrepareAsync(dataFolder, modes);
        var reasons = await ReasonsCase.PrepareAsync(dataFolder);
        await File.WriteAllBytesAsync(folder.File("model.onnx"), ServingCase.Model);
        if (args.Contains("--reasons-only"))
        {
            await using var only = await GatewayAsync(args, dataFolder);
            return await ReasonsAsync(reasons ?? throw new InvalidOperationException("The case is not there."), only, new Load(folder, seconds, 1), new SortedDictionary<string, double>(StringComparer.Ordinal));
        }

        var results = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["ort_row_ns"] = Bare(1),
            ["ort_batch_1000_rows_per_s"] = BatchRows / Bare(BatchRows) * 1e9,
            ["tensor_path_bytes_allocated"] = TensorPath.BytesAllocated(),
        };
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bare runtime: {results["ort_row_ns"]:0} ns for one row, {results["ort_batch_1000_rows_per_s"] / 1e6:0.00} M rows/s in batches"));

        await using (var gateway = await GatewayAsync(args, dataFolder))
        await using (var ungoverned = await ServerProcess.StartAsync("dotnet", port => [typeof(ServingBenchmark).Assembly.Location, "serving-ungoverned", "--port", $"{port}"]))
        await using (var node = await ServerProcess.StartAsync("node", port => [Rival, NodeModules, folder.File("model.onnx"), $"{port}"]))
        {
            var token = await gateway.TokenAsync();
            var load = new Load(folder, seconds, connections);
            LoadResult Measure(string name, ServerProcess server, byte[] request, int perSecond = 0) => Print(name, load.Run(server, request, perSecond));

            byte[] Governed(string route, int rows, bool binary) => ServingCase.Request($"/v2/models/{route}/infer", token, rows, binary);
            var plain = ServingCase.Request("/v2/models/credit/infer", null, 1, isBinary: false);
            var free = Measure("ungoverned ASP.NET", ungoverned, plain);
            (results["ungoverned_rps"], results["ungoverned_cpu_us_per_request"]) = (free.Rps, free.ProcessorTime);
            foreach (var route in modes)
            {
                var name = route == ServingCase.Durable ? "sync_durable" : "async_bounded";
                var governed = Measure(name, gateway, Governed(route, 1, binary: false));
                (results[name + "_rps"], results[name + "_cpu_us_per_request"]) = (governed.Rps, governed.ProcessorTime);
                results[$"ratio_{name.Split('_')[0]}_to_ungoverned"] = results[name + "_rps"] / results["ungoverned_rps"];
            }

            var rival = Measure("node", node, plain);
            (results["node_rps"], results["node_cpu_us_per_request"]) = (rival.Rps, rival.ProcessorTime);
            results["ratio_sync_to_node"] = results["sync_durable_rps"] / results["node_rps"];
            var paced = Measure($"sync_durable at {rate}/s", gateway, Governed(ServingCase.Durable, 1, binary: false), rate);
            (results["p50_ms_at_5000"], results["p99_ms_at_5000"], results["rps_at_5000"]) = (paced.P50, paced.P99, paced.Rps);
            var pacedRival = Measure($"ungoverned at {rate}/s", ungoverned, plain, rate);
            (results["ungoverned_p50_ms_at_5000"], results["ungoverned_p99_ms_at_5000"]) = (pacedRival.P50, pacedRival.P99);
            if (reasons is not null)
            {
                await ReasonsAsync(reasons, gateway, load with { Connections = 1 }, results);
            }

            load = load with { Connections = 4 };
            results["batch_1000_json_rows_per_s"] = BatchRows * Measure("batches, JSON", gateway, Governed(ServingCase.Durable, BatchRows, binary: false)).Rps;
            if (isBinary)
            {
                results["batch_1000_rows_per_s"] = BatchRows * Measure("batches, binary", gateway, Governed(ServingCase.Durable, BatchRows, binary: true)).Rps;
            }
        }

        Console.WriteLine(JsonSerializer.Serialize(new { benchmark = "serving", seconds, connections, rate, processors = Environment.ProcessorCount, results }));
        return 0;
    }

    /// <summary>The same adverse request of one caller at a time, with and without its reasons.</summary>
    private static async Task<int> ReasonsAsync(ReasonsCase reasons, ServerProcess gateway, Load load, SortedDictionary<string, double> results)
    {
        var token = await gateway.TokenAsync();
        var without = Print("xgboost, one caller", load.Run(gateway, reasons.Request(token, reasons: false), 0));
        var with = Print("the same with reasons", load.Run(gateway, reasons.Request(token, reasons: true), 0));
        results["reasons_added_us"] = 1000 * (with.P50 - without.P50);
        results["reasons_added_cpu_us"] = with.ProcessorTime - without.ProcessorTime;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"reasons add {results["reasons_added_us"]:0} us to the median, {results["reasons_added_cpu_us"]:0} us of processor time"));
        return without.Failures + with.Failures == 0 ? 0 : 1;
    }

    private static string Rival => Path.Combine(SharedMaterial.RepositoryRoot, "tests", "Governance.Benchmarks", "Serving", "rival.mjs");

    private static string NodeModules => Path.Combine(SharedMaterial.RepositoryRoot, "node_modules");

    private static Task<ServerProcess> GatewayAsync(string[] args, string dataFolder)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var dll = Array.IndexOf(args, "--gateway") is >= 0 and var at
            ? args[at + 1]
            : Path.Combine(SharedMaterial.RepositoryRoot, "src", "Governance.Gateway", "bin", configuration, "net10.0", "Governance.Gateway.dll");
        return ServerProcess.StartAsync("dotnet", port => [dll, "--data", dataFolder, "--urls", $"http://127.0.0.1:{port}"]);
    }

    /// <summary>Nanoseconds of one call of the runtime, without a server.</summary>
    private static double Bare(int rows)
    {
        using OnnxScorer scorer = ServingCase.Scorer();
        var (features, scores) = (ServingCase.Rows(rows), new double[rows]);
        return Timing.Measure(() => scorer.Score(features, scores, CancellationToken.None)).Nanoseconds;
    }

    private static LoadResult Print(string name, LoadResult result)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-24} {result.Rps,9:0} /s   p50 {result.P50:0.000}   p90 {result.P90:0.000}   p99 {result.P99:0.000}   p99.9 {result.P999:0.000} ms   cpu {result.ProcessorTime:0.0} us   failures {result.Failures}"));
        return result;
    }

    private static int Option(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

    /// <summary>
    /// Runs the load generator: once to warm the server up, once to measure. The first time a server is asked it is warmed up for longer, for its
    /// runtime compiles what is used most again after some seconds, on the same processors.
    /// </summary>
    private sealed record Load(TempFolder Folder, int Seconds, int Connections)
    {
        private const int WarmUpSeconds = 2;
        private const int FirstWarmUpSeconds = 10;
        private readonly HashSet<ServerProcess> warm = [];

        public LoadResult Run(ServerProcess server, byte[] request, int rate)
        {
            var file = Folder.File("request.bin");
            File.WriteAllBytes(file, request);
            Once(warm.Add(server) ? FirstWarmUpSeconds : WarmUpSeconds, 0);
            var before = server.Processor;
            var result = Once(Seconds, rate);
            return result with { ProcessorTime = (server.Processor - before).TotalMicroseconds / Math.Max(1, result.Rps * Seconds) };

            LoadResult Once(int duration, int perSecond)
            {
                var start = new ProcessStartInfo("dotnet",
                [
                    typeof(ServingBenchmark).Assembly.Location, "serving-load", "--port", $"{server.Port}", "--request", file, "--connections", $"{Connections}",
                    "--seconds", $"{duration}", "--rate", $"{perSecond}",
                ]) { RedirectStandardOutput = true, UseShellExecute = false };
                using var process = Process.Start(start)!;
                var output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                return JsonSerializer.Deserialize<LoadResult>(output)!;
            }
        }
    }
}
