using System.Diagnostics;
using System.Security.Cryptography;
using Governance.Ledger;

namespace Governance.Benchmarks.Ledger;

/// <summary>What the disk alone and the cryptography alone allow.</summary>
internal static class PhysicalLimits
{
    private const int FrameOverhead = 112;
    private const int EntryOverhead = 22;

    /// <param name="group">Records that share a flush: as many as shared one in the ledger.</param>
    public static void Run(string folder, int group, Results results)
    {
        Directory.CreateDirectory(folder);
        var payloads = new byte[group * (AppendBenchmark.PayloadBytes + FrameOverhead)];
        var entries = new byte[group * (AppendBenchmark.EntryBytes + EntryOverhead)];
        using var first = PhysicalFiles.Instance.OpenWrite(Path.Combine(folder, "1"));
        using var second = PhysicalFiles.Instance.OpenWrite(Path.Combine(folder, "2"));
        var watch = Stopwatch.StartNew();
        var flushes = new List<double>();
        while (watch.Elapsed < TimeSpan.FromSeconds(3))
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
        results.Add("disk_limit_per_s", flushes.Count * group / elapsed, $"write and fdatasync of the same bytes to two files, {group} records at a time");
        results.Add("disk_limit_p99_ms", flushes[(int)(flushes.Count * 0.99)], "both flushes");

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
}
