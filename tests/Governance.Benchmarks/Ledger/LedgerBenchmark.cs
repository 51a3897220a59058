using System.Globalization;
using System.Text.Json;

namespace Governance.Benchmarks.Ledger;

/// <summary>
/// The ledger against what the machine allows and against a database, all in one run. Options: --seconds N (5) for each measurement of
/// throughput, --writers N (64), --entries N (1,000,000) in the log that is proved from, opened and verified, --records N (100,000) of the
/// subject that is looked up and erased, --large for 10,000,000 entries and 1,000,000 records, --folder PATH (a temporary one), --only
/// PART[,PART] of appends, limits, sql, log, subjects, keys.
/// </summary>
internal static class LedgerBenchmark
{
    private static readonly string[] Parts = ["appends", "limits", "sql", "log", "subjects", "keys"];

    public static async Task<int> RunAsync(string[] args)
    {
        string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;
        int Number(string name, int otherwise) => int.TryParse(Option(name), CultureInfo.InvariantCulture, out var n) ? n : otherwise;
        var only = Option("--only")?.Split(',') ?? Parts;
        bool Part(string name) => only.Contains(name, StringComparer.Ordinal);
        var large = args.Contains("--large", StringComparer.Ordinal);
        var folder = Option("--folder") ?? Directory.CreateTempSubdirectory("ledger-benchmark-").FullName;
        var time = TimeSpan.FromSeconds(Number("--seconds", 5));
        var results = new Results();
        try
        {
            if (Part("appends"))
            {
                await AppendBenchmark.RunAsync(Path.Combine(folder, "appends"), Number("--writers", 64), time, results);
            }

            if (Part("limits"))
            {
                PhysicalLimits.Run(Path.Combine(folder, "limits"), (int)Math.Round(results.Get("records_per_flush") ?? 32), results);
            }

            if (Part("sql"))
            {
                await SqlRival.RunAsync(Number("--writers", 64), time, results);
            }

            results.Ratio("ratio_to_physical_limit", "acknowledged_per_s", "disk_limit_per_s");
            results.Ratio("ratio_to_insert", "acknowledged_per_s", "postgresql_insert_per_s");
            results.Ratio("ratio_to_batched_insert", "acknowledged_per_s", "postgresql_batched_insert_per_s");
            results.Ratio("ratio_to_copy", "acknowledged_per_s", "postgresql_copy_per_s");
            if (Part("log"))
            {
                await LogBenchmark.RunAsync(Path.Combine(folder, "log"), Number("--entries", large ? 10_000_000 : 1_000_000), results);
            }

            if (Part("subjects"))
            {
                SubjectBenchmark.Run(Path.Combine(folder, "subjects"), Number("--records", large ? 1_000_000 : 100_000), results);
            }

            if (Part("keys"))
            {
                KeyBenchmark.Run(Path.Combine(folder, "keys"), results);
            }

            Console.WriteLine(results.ToJson());
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>Named numbers, printed as they come.</summary>
internal sealed class Results
{
    private readonly Dictionary<string, double> _values = new(StringComparer.Ordinal);

    public double? Get(string name) => _values.TryGetValue(name, out var value) ? value : null;

    public void Add(string name, double value, string meaning)
    {
        _values[name] = Math.Round(value, 4);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-36} {value,14:N2}   {meaning}"));
    }

    public void Ratio(string name, string numerator, string denominator)
    {
        if (Get(numerator) is { } a && Get(denominator) is { } b)
        {
            Add(name, a / b, $"{numerator} / {denominator}");
        }
    }

    public string ToJson() => JsonSerializer.Serialize(_values);
}
