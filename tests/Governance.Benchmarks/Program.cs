using Governance.Benchmarks.Policy;

// One command per subject: dotnet run -c Release --project tests/Governance.Benchmarks -- policy
return args switch
{
    ["policy"] => PolicyBenchmark.Run(Console.Out),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: Governance.Benchmarks policy");
    return 2;
}
