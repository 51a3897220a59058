using System.Diagnostics;
using System.Security.Cryptography;
using Governance.Ledger;

namespace Governance.Benchmarks.Ledger;

/// <summary>The whole path of a record: seal 1 KiB for its subject, append an entry of 300 bytes, wait for stable storage.</summary>
internal static class AppendBenchmark
{
    public const int PayloadBytes = 1024;
    public const int EntryBytes = 300;
    private const int Subjects = 10_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(string folder, int writers, TimeSpan duration, Results results)
    {
        using var signer = EcdsaNoteSigner.Create("benchmark.test/log");
        using var key = LocalKeyEncryptionKey.Create();
        using var store = PayloadStore.Open(Path.Combine(folder, "payloads"), new PayloadStoreOptions { KeyEncryptionKey = key });
        await using var log = LedgerLog.Open(Path.Combine(folder, "log"), new LedgerOptions { Signers = [signer], Barrier = store });

        // Three seconds, so that the compiler is done and the subjects are known.
        var latencies = Enumerable.Range(0, writers).Select(_ => new List<double>(1 << 17)).ToArray();
        await MeasureAsync(WarmUp);
        Array.ForEach(latencies, l => l.Clear());
        var (before, commits) = (log.Size, log.Commits);
        var (cpu, allocated, collections) = (Process.GetCurrentProcess().TotalProcessorTime, GC.GetTotalAllocatedBytes(), GC.CollectionCount(0));
        var watch = Stopwatch.StartNew();
        await MeasureAsync(duration);
        var elapsed = watch.Elapsed.TotalSeconds;
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        double records = log.Size - before;
        double[] sorted = [.. latencies.SelectMany(l => l).Order()];
        results.Add("acknowledged_per_s", records / elapsed, $"{PayloadBytes} B payload encrypted, {EntryBytes} B entry, fsync, {writers} writers");
        results.Add("p50_ms", sorted[sorted.Length / 2], "seal to acknowledgement");
        results.Add("p99_ms", sorted[(int)(sorted.Length * 0.99)], "seal to acknowledgement");
        results.Add("p999_ms", sorted[(int)(sorted.Length * 0.999)], "seal to acknowledgement");
        results.Add("cpu_us_per_record", cpu.TotalMicroseconds / records, "user and system, all threads");
        results.Add("allocated_bytes_per_record", allocated / records, $"managed; {GC.CollectionCount(0) - collections} collections");
        results.Add("records_per_flush", records / (log.Commits - commits), "records that shared one flush of each file");
        store.Flush();
        var stored = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);
        results.Add("overhead_bytes_per_record", stored / (double)log.Size - PayloadBytes - EntryBytes, "on disk beyond payload and entry");

        Task MeasureAsync(TimeSpan time)
        {
            var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            return Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(() => WriteAsync(log, store, w, until, latencies[w]))));
        }
    }

    private static async Task WriteAsync(LedgerLog log, PayloadStore store, int writer, long until, List<double> latencies)
    {
        var (payload, entry, subject) = (RandomNumberGenerator.GetBytes(PayloadBytes), new byte[EntryBytes], new byte[16]);
        for (var i = 0; Stopwatch.GetTimestamp() < until; i++)
        {
            var start = Stopwatch.GetTimestamp();
            BitConverter.TryWriteBytes(subject, writer * 1_000_003 + i % Subjects);
            Seal(store, subject, payload, entry);
            var result = await log.AppendAsync(entry);
            if (!result.IsCommitted)
            {
                throw new InvalidOperationException(result.ToString());
            }

            latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    private static void Seal(PayloadStore store, byte[] subject, byte[] payload, byte[] entry)
    {
        var record = store.Seal(subject, payload, entry.AsSpan(80));
        record.KeyRef.CopyTo(entry);
        record.CiphertextHash.CopyTo(entry.AsSpan(16));
        record.Commitment.CopyTo(entry.AsSpan(48));
    }
}
