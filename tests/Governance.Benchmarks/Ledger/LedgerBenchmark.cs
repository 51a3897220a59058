using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Governance.Ledger;

namespace Governance.Benchmarks.Ledger;

/// <summary>
/// Acknowledged records per second of the whole path (seal 1 KiB, append the entry, wait for stable storage) against what the disk and the
/// cryptography alone allow in the same run; then proofs and reopening. Options: --seconds N (5), --writers N (64), --folder PATH,
/// --entries N (1,000,000) for proofs and opening.
/// </summary>
internal static class LedgerBenchmark
{
    private const int PayloadBytes = 1024;
    private const int EntryBytes = 300;

    public static async Task<int> RunAsync(string[] args)
    {
        string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : null;
        int Number(string name, int otherwise) => int.TryParse(Option(name), CultureInfo.InvariantCulture, out var n) ? n : otherwise;
        var folder = Option("--folder") ?? Directory.CreateTempSubdirectory("ledger-benchmark-").FullName;
        var (seconds, writers, entries) = (Number("--seconds", 5), Number("--writers", 64), Number("--entries", 1_000_000));
        try
        {
            var results = new Dictionary<string, double>(StringComparer.Ordinal);
            await AppendsAsync(Path.Combine(folder, "appends"), writers, TimeSpan.FromSeconds(seconds), results);
            Limits(folder, results);
            results["ratio_to_physical_limit"] = results["acknowledged_per_s"] / results["disk_limit_per_s"];
            await LargeLogAsync(Path.Combine(folder, "large"), entries, results);
            foreach (var (name, value) in results)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-32} {value,14:N2}"));
            }

            Console.WriteLine(JsonSerializer.Serialize(results));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task AppendsAsync(string folder, int writers, TimeSpan duration, Dictionary<string, double> results)
    {
        using var signer = EcdsaNoteSigner.Create("benchmark.test/log");
        using var key = LocalKeyEncryptionKey.Create();
        using var store = PayloadStore.Open(Path.Combine(folder, "payloads"), new PayloadStoreOptions { KeyEncryptionKey = key });
        await using var log = LedgerLog.Open(Path.Combine(folder, "log"), new LedgerOptions { Signers = [signer], Barrier = store });
        await MeasureAsync(TimeSpan.FromSeconds(1));
        var (before, cpu, allocated) = (log.Size, Process.GetCurrentProcess().TotalProcessorTime, GC.GetTotalAllocatedBytes());
        var watch = Stopwatch.StartNew();
        var latencies = await MeasureAsync(duration);
        var elapsed = watch.Elapsed.TotalSeconds;
        var records = log.Size - before;
        results["acknowledged_per_s"] = records / elapsed;
        results["p50_ms"] = latencies[latencies.Length / 2];
        results["p99_ms"] = latencies[(int)(latencies.Length * 0.99)];
        results["cpu_us_per_record"] = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / records;
        results["allocated_bytes_per_record"] = (GC.GetTotalAllocatedBytes() - allocated) / (double)records;
        results["records"] = records;
        results["overhead_bytes_per_record"] =
            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length) / (double)log.Size - PayloadBytes - EntryBytes;

        async Task<double[]> MeasureAsync(TimeSpan time)
        {
            var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            var all = await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
            {
                var (payload, entry, mine) = (RandomNumberGenerator.GetBytes(PayloadBytes), new byte[EntryBytes], new List<double>());
                var subject = new byte[16];
                for (var i = 0; Stopwatch.GetTimestamp() < until; i++)
                {
                    var start = Stopwatch.GetTimestamp();
                    BitConverter.TryWriteBytes(subject, w * 1_000_003 + i % 10_000);
                    var record = store.Seal(subject, payload, entry.AsSpan(80));
                    record.KeyRef.CopyTo(entry);
                    record.CiphertextHash.CopyTo(entry.AsSpan(16));
                    record.Commitment.CopyTo(entry.AsSpan(48));
                    var result = await log.AppendAsync(entry);
                    if (!result.IsCommitted)
                    {
                        throw new InvalidOperationException(result.ToString());
                    }

                    mine.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }

                return mine;
            })));
            return [.. all.SelectMany(l => l).Order()];
        }
    }

    // The same bytes in groups of 64 records, written to two files and flushed, by one thread; and the cryptography of one record, by one thread.
    private static void Limits(string folder, Dictionary<string, double> results)
    {
        const int Group = 64;
        var (payload, entries) = (new byte[Group * (PayloadBytes + 112)], new byte[Group * (EntryBytes + 22)]);
        using var first = PhysicalFiles.Instance.OpenWrite(Path.Combine(folder, "limit-1"));
        using var second = PhysicalFiles.Instance.OpenWrite(Path.Combine(folder, "limit-2"));
        var watch = Stopwatch.StartNew();
        var groups = 0;
        for (; watch.Elapsed < TimeSpan.FromSeconds(2); groups++)
        {
            first.Write((long)groups * payload.Length, payload);
            first.Sync();
            second.Write((long)groups * entries.Length, entries);
            second.Sync();
        }

        results["disk_limit_per_s"] = groups * Group / watch.Elapsed.TotalSeconds;
        var (plain, sealedBytes, tag) = (new byte[PayloadBytes], new byte[PayloadBytes], new byte[16]);
        using var aes = new AesGcm(new byte[32], 16);
        watch.Restart();
        var records = 0;
        for (; watch.Elapsed < TimeSpan.FromSeconds(1); records++)
        {
            aes.Encrypt(new byte[12], plain, sealedBytes, tag);
            SHA256.HashData(sealedBytes, plain.AsSpan(0, 32));
        }

        results["crypto_limit_per_s_per_core"] = records / watch.Elapsed.TotalSeconds;
    }

    private static async Task LargeLogAsync(string folder, int count, Dictionary<string, double> results)
    {
        using var signer = EcdsaNoteSigner.Create("benchmark.test/large");
        var options = new LedgerOptions { Signers = [signer] };
        var batch = Enumerable.Range(0, 4096).Select(_ => (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(EntryBytes)).ToArray();
        await using (var log = LedgerLog.Open(folder, options))
        {
            while (log.Size < count)
            {
                await log.AppendAsync(batch);
            }
        }

        var memory = Process.GetCurrentProcess().WorkingSet64;
        var watch = Stopwatch.StartNew();
        await using (var log = LedgerLog.Open(folder, options))
        {
            results["large_entries"] = log.Size;
            results["open_s"] = watch.Elapsed.TotalSeconds;
            var random = new Random(1);
            var proofs = 0;
            for (watch.Restart(); watch.Elapsed < TimeSpan.FromSeconds(1); proofs++)
            {
                log.Reader.Receipt(random.NextInt64(log.Size));
            }

            results["proof_us"] = watch.Elapsed.TotalMicroseconds / proofs;
        }

        results["open_memory_mb"] = Math.Max(0, Process.GetCurrentProcess().WorkingSet64 - memory) / 1e6;
        watch.Restart();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var report = LedgerVerifier.Fsck(folder, new VerificationRequest { Keys = [signer.Verifier] });
        results["fsck_leaves_per_s"] = report.EntriesRead / watch.Elapsed.TotalSeconds;
        results["fsck_cpu_us_per_leaf"] = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / report.EntriesRead;
        if (!report.IsSound)
        {
            throw new InvalidOperationException(report.Findings[0].ToString());
        }
    }
}
