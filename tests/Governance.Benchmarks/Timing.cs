using System.Diagnostics;

namespace Governance.Benchmarks;

/// <summary>Times an operation: warmed up, in batches, the median batch, with the bytes it allocates.</summary>
internal static class Timing
{
    private const int Batches = 31;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(20);

    public static (double Nanoseconds, double Bytes) Measure(Action operation)
    {
        // The runtime compiles what is called often a second time, in the background, after a tenth of a second of calm.
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
        {
            operation();
        }

        var count = 1;
        while (Batch(operation, count) < BatchTime && count < 1 << 26)
        {
            count *= 2;
        }

        var times = new double[Batches];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Batches; i++)
        {
            times[i] = Batch(operation, count).TotalNanoseconds / count;
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / ((double)Batches * count);
        Array.Sort(times);
        return (times[Batches / 2], bytes);
    }

    private static TimeSpan Batch(Action operation, int count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            operation();
        }

        return Stopwatch.GetElapsedTime(start);
    }
}
