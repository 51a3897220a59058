using Governance.Benchmarks.Calibration;
using Governance.Benchmarks.Checks;
using Governance.Benchmarks.Jobs;
using Governance.Benchmarks.Ledger;
using Governance.Benchmarks.Policy;
using Governance.Benchmarks.Serving;
using Governance.Benchmarks.Startup;
using Governance.Benchmarks.Watching;

// One command per subject: dotnet run -c Release --project tests/Governance.Benchmarks -- ledger
var commands = new Dictionary<string, Func<string[], Task<int>>>(StringComparer.Ordinal)
{
    ["calibration"] = rest => Task.FromResult(CalibrationBenchmark.Run(rest, Console.Out)),
    ["ledger"] = LedgerBenchmark.RunAsync,
    ["startup"] = StartupBenchmark.RunAsync,
    ["jobs"] = JobsBenchmark.RunAsync,
    ["checks"] = ChecksBenchmark.RunAsync,
    ["serving"] = ServingBenchmark.RunAsync,
    ["serving-ungoverned"] = UngovernedServer.RunAsync,
    ["serving-load"] = rest => Task.FromResult(LoadGenerator.Run(rest)),
    ["watching"] = _ => Task.FromResult(WatchingBenchmark.Run(Console.Out)),
    ["policy"] = _ => Task.FromResult(PolicyBenchmark.Run(Console.Out)),
};

if (args.Length == 0 || !commands.TryGetValue(args[0], out var run))
{
    await Console.Error.WriteLineAsync("usage: Governance.Benchmarks <command> [options]   commands: " + string.Join(", ", commands.Keys));
    return 2;
}

return await run(args[1..]);
