using System.Diagnostics;
using System.Security.Cryptography;
using Governance.Ledger;

namespace Governance.Benchmarks.Ledger;

/// <summary>What the disk alone and the cryptography alone allow.</summary>
internal static class PhysicalLimits
{
    private const int FrameOverhead = 112;
    private const int EntryOverhead = 22;
    private const int Filled = 512 << 20;

    /// <param name="group">Records that share a flush: as many as shared one in the ledger.</param>
    public static void Run(string folder, int group, Results results)
    {
        Directory.CreateDirectory(folder);
        var payloads = new byte[group * (AppendBenchmark.PayloadBytes + FrameOverhead)];
        var entries = new byte[group * (AppendBenchmark.EntryBytes + EntryOverhead)];
        var (rate, p99) = Flushes(folder, "extended", payloads, entries, ahead: 0);
        results.Add("disk_limit_per_s", rate * group, $"write and fdatasync of the same bytes to two files, {group} records at a time");
        results.Add("disk_limit_p99_ms", p99, "both flushes");
        (rate, p99) = Flushes(folder, "filled", payloads, entries, Filled);
        results.Add("disk_limit_filled_per_s", rate * group, "the same into files that were filled with zeros before: no new blocks, no new length");
        results.Add("disk_limit_filled_p99_ms", p99, "both flushes");

        var (plain, ciphertext, tag, hash) = (new byte[AppendBenchmark.PayloadBytes], new byte[AppendBenchmark.PayloadBytes], new byte[16], new byte[32]);
        using var aes = new AesGcm(new byte[32], 16);
        var nonce = new byte[12];
        var (nanoseconds, _) = Timing.Measure(() =>
        {
            aes.Encrypt(nonce, plain, ciphertext, tag);
            SHA256.HashData(ciphertext, hash);
        });
        results.Add("crypto_limit_per_s_per_core", 1e9 / nanoseconds, "AES-256-GCM and SHA-256 of 1 KiB by the platform's classes, one key");
    }

    // Pairs of flushes a second for three seconds, or until what was filled ahead is full, and the 99th percentile of a pair in milliseconds.
    private static (double PerSecond, double P99) Flushes(string folder, string name, byte[] payloads, byte[] entries, long ahead)
    {
        using var first = Create(Path.Combine(folder, name + "-1"), ahead);
        using var second = Create(Path.Combine(folder, name + "-2"), ahead * entries.Length / payloads.Length);
        var watch = Stopwatch.StartNew();
        var flushes = new List<double>();
        while (watch.Elapsed < TimeSpan.FromSeconds(3) && (ahead == 0 || (flushes.Count + 1L) * payloads.Length <= ahead))
        {
            var start = watch.Elapsed.TotalMilliseconds;
            first.Write((long)flushes.Count * payloads.Length, payloads);
            first.Sync();
            second.Write((long)flushes.Count * entries.Length, entries);
            second.Sync();
            flushes.Add(watch.Elapsed.TotalMilliseconds - start);
        }

        var elapsed = watch.Elapsed.TotalSeconds;
        flushes.Sort();
        return (flushes.Count / elapsed, flushes[(int)(flushes.Count * 0.99)]);
    }

    private static IFile Create(string path, long zeros)
    {
        var file = PhysicalFiles.Instance.OpenWrite(path);
        var piece = new byte[1 << 20];
        for (long at = 0; at < zeros; at += piece.Length)
        {
            file.Write(at, piece);
        }

        file.Sync();
        return file;
    }
}
