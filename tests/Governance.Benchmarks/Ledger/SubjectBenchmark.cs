using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Governance.Ledger;

namespace Governance.Benchmarks.Ledger;

/// <summary>A subject with many records among as many of others: found, and erased.</summary>
internal static class SubjectBenchmark
{
    private const int DoNotNeed = 4;
    private const int Lookups = 15;

    public static void Run(string folder, int records, Results results)
    {
        using var key = LocalKeyEncryptionKey.Create();
        var options = new PayloadStoreOptions { KeyEncryptionKey = key };
        var payload = RandomNumberGenerator.GetBytes(AppendBenchmark.PayloadBytes);
        var (large, small) = ("the subject with many records"u8.ToArray(), "a subject with ten"u8.ToArray());
        using (var store = PayloadStore.Open(folder, options))
        {
            var other = new byte[16];
            Parallel.For(0, records, i => store.Seal(large, payload, []));
            for (var i = 0; i < records; i++)
            {
                RandomNumberGenerator.Fill(other);
                store.Seal(i % (records / 10) == 0 ? small : other, payload, []);
            }
        }

        Evict(folder);
        using (var store = PayloadStore.Open(folder, options))
        {
            // Once before: the compiler's time is not measured.
            var found = store.Find(small).Count;
            var cold = new double[Lookups];
            var watch = new Stopwatch();
            for (var i = 0; i < Lookups; i++)
            {
                Evict(folder);
                watch.Restart();
                found = Math.Min(found, store.Find(small).Count);
                cold[i] = watch.Elapsed.TotalMilliseconds;
            }

            Array.Sort(cold);
            results.Add("subject_lookup_cold_ms", cold[Lookups / 2], $"{found} records of a subject among {2 * records:N0}, nothing in the page cache; median of {Lookups}");
            results.Add("subject_lookup_cold_worst_ms", cold[^1], "the slowest of them");
            results.Add("subject_lookup_warm_ms", Timing.Measure(() => store.Find(small)).Nanoseconds / 1e6, "the same again");
            watch.Restart();
            var outcome = store.Erase(large);
            results.Add("erase_s", watch.Elapsed.TotalSeconds, $"{outcome.Count:N0} records of {AppendBenchmark.PayloadBytes} B: keys, ciphertext and index rows, durably");
            if (outcome.Count != records || store.Find(small).Count != found || store.Find(large).Count != 0)
            {
                throw new InvalidOperationException($"{outcome.Count} records were erased.");
            }
        }
    }

    // Asks the system to drop the files from its cache.
    private static void Evict(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.FlushToDisk(handle);
            if (OperatingSystem.IsLinux() && Advise(handle, 0, 0, DoNotNeed) != 0)
            {
                throw new IOException("posix_fadvise failed.");
            }
        }
    }

    [DllImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(SafeHandle file, long offset, long length, int advice);
}
