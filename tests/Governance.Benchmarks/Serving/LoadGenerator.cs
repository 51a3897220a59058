using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Governance.Benchmarks.Serving;

/// <summary>
/// Sends one request over and over on kept-alive connections, a blocking thread for each, and measures how long answers take. Closed loop: the
/// next request follows the answer. Open loop: requests are due at a fixed rate, and a latency counts from when its request was due, so that a
/// server that stalls is charged for every request it kept waiting (coordinated omission). Runs in a process of its own.
/// </summary>
internal static class LoadGenerator
{
    /// <summary>Eight characters of the body that each request replaces by its own number.</summary>
    public const string Marker = "########";

    /// <summary>Options: <c>--port</c>, <c>--request FILE</c> (the bytes of the HTTP request), <c>--connections</c>, <c>--seconds</c>, <c>--rate</c> (0: closed loop).</summary>
    public static int Run(string[] args)
    {
        var port = int.Parse(Option(args, "--port"), CultureInfo.InvariantCulture);
        var connections = int.Parse(Option(args, "--connections"), CultureInfo.InvariantCulture);
        var seconds = double.Parse(Option(args, "--seconds"), CultureInfo.InvariantCulture);
        var rate = double.Parse(Option(args, "--rate"), CultureInfo.InvariantCulture);
        var request = File.ReadAllBytes(Option(args, "--request"));
        var histograms = Enumerable.Range(0, connections).Select(_ => new LatencyHistogram()).ToArray();
        var failures = 0L;
        var start = Stopwatch.GetTimestamp();
        var threads = histograms.Select((histogram, i) => new Thread(() =>
        {
            PreciseSleep.Prepare();
            using var connection = new LoadConnection(port, request, i * 1_000_000);
            var between = rate > 0 ? connections / rate : 0;
            for (var n = 0; ; n++)
            {
                var due = (n * between) + (between * i / connections);
                if (rate > 0)
                {
                    PreciseSleep.Until(start, due);
                }
                else
                {
                    due = Stopwatch.GetElapsedTime(start).TotalSeconds;
                }

                if (due > seconds)
                {
                    return;
                }

                if (connection.Ask())
                {
                    histogram.Add(Stopwatch.GetElapsedTime(start) - TimeSpan.FromSeconds(due));
                }
                else
                {
                    Interlocked.Increment(ref failures);
                }
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var all = new LatencyHistogram();
        Array.ForEach(histograms, all.Add);
        Console.WriteLine(JsonSerializer.Serialize(new LoadResult(
            all.Count / elapsed, all.Percentile(50), all.Percentile(90), all.Percentile(99), all.Percentile(99.9), failures)));
        return 0;
    }

    private static string Option(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : throw new ArgumentException($"{name} is missing.");
}

/// <param name="Rps">Good answers each second.</param>
/// <param name="P50">Milliseconds; so are the others.</param>
/// <param name="Failures">Answers other than 200.</param>
internal sealed record LoadResult(double Rps, double P50, double P90, double P99, double P999, long Failures)
{
    /// <summary>Microseconds of processor time the server used for each good answer: what a busy machine changes least.</summary>
    public double ProcessorTime { get; init; }
}

/// <summary>One kept-alive connection.</summary>
internal sealed class LoadConnection : IDisposable
{
    private const int Unknown = int.MaxValue;
    private const int Chunked = -1;
    private const string LengthHeader = "content-length:";
    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "\r\n0\r\n\r\n"u8.ToArray();
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] request;
    private readonly List<int> markers = [];
    private byte[] answer = new byte[64 << 10];
    private int number;

    public LoadConnection(int port, byte[] template, int firstNumber)
    {
        request = [.. template];
        number = firstNumber;
        var marker = Encoding.ASCII.GetBytes(LoadGenerator.Marker);
        for (var at = request.AsSpan().IndexOf(marker); at >= 0;)
        {
            markers.Add(at);
            var next = request.AsSpan(at + marker.Length).IndexOf(marker);
            at = next < 0 ? -1 : at + marker.Length + next;
        }

        socket.Connect(IPAddress.Loopback, port);
    }

    /// <returns>Whether the answer was 200.</returns>
    public bool Ask()
    {
        foreach (var at in markers)
        {
            _ = number++.TryFormat(request.AsSpan(at, LoadGenerator.Marker.Length), out _, "D8", CultureInfo.InvariantCulture);
        }

        for (var sent = 0; sent < request.Length;)
        {
            sent += socket.Send(request.AsSpan(sent));
        }

        var (length, total) = (0, Unknown);
        while (total == Chunked ? !answer.AsSpan(0, length).EndsWith(LastChunk) : length < total)
        {
            if (length == answer.Length)
            {
                Array.Resize(ref answer, 2 * length);
            }

            var read = socket.Receive(answer.AsSpan(length));
            if (read == 0)
            {
                throw new IOException("The server closed the connection.");
            }

            length += read;
            if (total == Unknown && answer.AsSpan(0, length).IndexOf(HeaderEnd) is >= 0 and var end)
            {
                total = ContentLength(answer.AsSpan(0, end)) is { } body ? end + HeaderEnd.Length + body : Chunked;
            }
        }

        return answer.AsSpan(9, 3).SequenceEqual("200"u8);
    }

    public void Dispose() => socket.Dispose();

    /// <summary>Null when the answer comes in chunks.</summary>
    private static int? ContentLength(ReadOnlySpan<byte> head)
    {
        var text = Encoding.ASCII.GetString(head);
        var at = text.IndexOf(LengthHeader, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : int.Parse(text[(at + LengthHeader.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
    }
}

/// <summary>Sleeps to some ten microseconds, which the runtime's timers do not.</summary>
internal static class PreciseSleep
{
    private const int SetTimerSlack = 29;

    /// <summary>Asks the kernel not to gather this thread's wake-ups with others.</summary>
    public static void Prepare() => _ = SetProcessControl(SetTimerSlack, 1, 0, 0, 0);

    /// <summary>Sleeps until so many seconds after a timestamp.</summary>
    public static void Until(long start, double seconds)
    {
        var left = seconds - Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (left > 0)
        {
            var time = new TimeSpec((long)left, (long)((left - Math.Floor(left)) * 1e9));
            _ = NanoSleep(in time, IntPtr.Zero);
        }
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    private static extern int NanoSleep(in TimeSpec time, IntPtr remaining);

    [DllImport("libc", EntryPoint = "prctl")]
    private static extern int SetProcessControl(int option, ulong a, ulong b, ulong c, ulong d);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
