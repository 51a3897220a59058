using Governance.Benchmarks.Ledger;

var commands = new Dictionary<string, Func<string[], Task<int>>>(StringComparer.Ordinal)
{
    ["ledger"] = LedgerBenchmark.RunAsync,
};

if (args.Length == 0 || !commands.TryGetValue(args[0], out var run))
{
    await Console.Error.WriteLineAsync("usage: Governance.Benchmarks <command> [options]   commands: " + string.Join(", ", commands.Keys));
    return 2;
}

return await run(args[1..]);
