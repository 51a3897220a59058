using System.Diagnostics;
using System.Security.Cryptography;
using Governance.Ledger;

namespace Governance.Benchmarks.Ledger;

/// <summary>The key tree of one month with and without 100,000 erased subjects.</summary>
internal static class KeyBenchmark
{
    private const int Erased = 100_000;

    public static void Run(string folder, Results results)
    {
        Directory.CreateDirectory(folder);
        using var whole = PuncturableTree.Create();
        results.Add("derivation_us", Derivation(whole), "a subject's key, nobody erased");
        var paths = new ulong[Erased];
        RandomNumberGenerator.Fill(System.Runtime.InteropServices.MemoryMarshal.AsBytes(paths.AsSpan()));
        using var punctured = whole.Puncture(paths);
        var watch = Stopwatch.StartNew();
        using var one = punctured.Puncture(42);
        results.Add("puncture_ms", watch.Elapsed.TotalMilliseconds, $"one more subject after {Erased:N0}");
        results.Add("derivation_erased_us", Derivation(punctured), $"a subject's key, {Erased:N0} others erased");
        results.Add("state_mb", punctured.StoredSize / 1e6, $"keys kept after {Erased:N0} erasures in one month");
        using var key = LocalKeyEncryptionKey.Create();
        using var state = new KeyState { Months = { [24_322] = new KeyState.MonthKeys { Tree = punctured } } };
        watch.Restart();
        KeyStateFile.Write(PhysicalFiles.Instance, Path.Combine(folder, "keys.state"), state, key);
        results.Add("state_seal_s", watch.Elapsed.TotalSeconds, "encrypt it and replace the file, durably: what one more erasure costs");
    }

    private static double Derivation(PuncturableTree tree)
    {
        var random = new Random(1);
        var key = new byte[PuncturableTree.KeySize];
        return Timing.Measure(() => tree.TryDerive((ulong)random.NextInt64(long.MinValue, long.MaxValue), key)).Nanoseconds / 1e3;
    }
}
