using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Governance.Ledger;

namespace Governance.Benchmarks.Ledger;

/// <summary>A large log: proofs from it, opening it, recovering it after a process that was killed, verifying every byte of it.</summary>
internal static class LogBenchmark
{
    private const int Uncovered = 100_000;

    public static async Task RunAsync(string folder, int count, Results results)
    {
        using var signer = EcdsaNoteSigner.Create("benchmark.test/large");
        var options = new LedgerOptions { Signers = [signer] };
        var batch = Enumerable.Range(0, 4096).Select(_ => (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(AppendBenchmark.EntryBytes)).ToArray();
        SignedNote? early = null;
        long earlySize = 0;
        await using (var log = LedgerLog.Open(folder, options))
        {
            while (log.Size < count)
            {
                await log.AppendAsync(batch);
                if (early is null && log.Size >= count - Uncovered)
                {
                    (early, earlySize) = (log.PublishCheckpoint(), log.Size);
                }
            }

            results.Add("large_entries", log.Size, "entries in the log for what follows");
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        var memory = Process.GetCurrentProcess().WorkingSet64;
        var watch = Stopwatch.StartNew();
        await using (var log = LedgerLog.Open(folder, options))
        {
            results.Add("open_s", watch.Elapsed.TotalSeconds, "open for writing, closed properly before");
            results.Add("open_memory_mb", Math.Max(0, Process.GetCurrentProcess().WorkingSet64 - memory) / 1e6, "growth of the working set");
            var random = new Random(1);
            var (nanoseconds, bytes) = Timing.Measure(() => log.Reader.Receipt(random.NextInt64(log.Size)));
            results.Add("proof_us", nanoseconds / 1e3, $"receipt of a random entry; {bytes:N0} B allocated");
        }

        // What a writer leaves that died seconds after its last checkpoint, at full speed: offsets and tree of the last entries are lost.
        Copy(folder, folder + "-crashed", early!, earlySize);
        GC.Collect();
        memory = Process.GetCurrentProcess().WorkingSet64;
        watch.Restart();
        await using (var log = LedgerLog.Open(folder + "-crashed", options))
        {
            results.Add("recover_s", watch.Elapsed.TotalSeconds, $"open with tree and offsets of the last {log.Size - earlySize:N0} entries lost");
            results.Add("recover_memory_mb", Math.Max(0, Process.GetCurrentProcess().WorkingSet64 - memory) / 1e6, "growth of the working set");
        }

        Directory.Delete(folder + "-crashed", recursive: true);
        watch.Restart();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var report = LedgerVerifier.Fsck(folder, new VerificationRequest { Keys = [signer.Verifier] });
        results.Add("fsck_leaves_per_s", report.EntriesRead / watch.Elapsed.TotalSeconds, "every byte read, every hash recomputed and compared");
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        results.Add("fsck_cpu_us_per_leaf", cpu.TotalMicroseconds / report.EntriesRead, $"{AppendBenchmark.EntryBytes} B entries");
        results.Add("fsck_leaves_per_s_per_core", report.EntriesRead / cpu.TotalSeconds, "by processor time");
        if (!report.IsSound)
        {
            throw new InvalidOperationException(report.Findings[0].ToString());
        }
    }

    // A copy whose tree and checkpoint are those of a smaller size.
    private static void Copy(string from, string to, SignedNote checkpoint, long size)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is not ("lock" or "writer")))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            if (string.Equals(Path.GetFileName(Path.GetDirectoryName(file)), "tree", StringComparison.Ordinal))
            {
                var level = int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture);
                using var stream = File.OpenWrite(target);
                stream.SetLength((size >> level) * MerkleHash.Size);
            }
        }

        File.WriteAllBytes(Path.Combine(to, "checkpoint"), checkpoint.ToBytes());
    }
}
