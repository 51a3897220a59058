using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Governance.Data;
using Governance.Data.Csv;

namespace Governance.Benchmarks.Checks;

/// <summary>Loads a CSV file of a million rows and fifty columns: 48 numbers, a label and a category. One JSON line; the file is made first, outside the timer.</summary>
internal static class CsvBenchmark
{
    private const int Rows = 1_000_000;
    private const int Numbers = 48;

    public static async Task RunAsync()
    {
        var path = Path.Combine(Path.GetTempPath(), $"governance-{Environment.ProcessId}.csv");
        try
        {
            await WriteAsync(path);
            var schema = new DatasetSchema(
            [
                .. Enumerable.Range(0, Numbers).Select(i => ColumnSchema.Feature($"x{i}")), ColumnSchema.Label("label"), ColumnSchema.Protected("region"),
            ]);
            GC.Collect();
            var (allocated, start) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
            var outcome = await CsvTableReader.ReadFileAsync(path, schema, CsvLimits.Default, CancellationToken.None);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                item = "CSV file, one million rows, 50 columns", rows = outcome.Table!.RowCount, threads = 1, seconds, file_bytes = outcome.Bytes, megabytes_per_second = outcome.Bytes / seconds / 1e6,
                binary_bytes = (long)Rows * ((Numbers * sizeof(float)) + sizeof(double) + sizeof(int)), allocated_bytes = GC.GetTotalAllocatedBytes(precise: true) - allocated,
                peak_memory_bytes = Process.GetCurrentProcess().PeakWorkingSet64,
            }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task WriteAsync(string path)
    {
        var random = new SeededRandom(1);
        await using var file = File.Create(path);
        var block = new ArrayBufferWriter<byte>();
        block.Write(Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, Numbers).Select(i => $"x{i}")) + ",label,region\n"));
        for (var row = 0; row < Rows; row++)
        {
            for (var i = 0; i < Numbers; i++)
            {
                // Half counts and codes, half measurements.
                var value = i % 2 == 0 ? Math.Floor(random.NextDouble() * 1000) : Math.Round(random.NextNormal() * 1000, 2);
                value.TryFormat(block.GetSpan(32), out var written, provider: CultureInfo.InvariantCulture);
                block.Advance(written);
                block.Write(","u8);
            }

            block.Write(random.Chance(0.2) ? "1,"u8 : "0,"u8);
            block.Write(row % 3 == 0 ? "north\n"u8 : "south\n"u8);
            if (block.WrittenCount > 1 << 20)
            {
                await file.WriteAsync(block.WrittenMemory);
                block.ResetWrittenCount();
            }
        }

        await file.WriteAsync(block.WrittenMemory);
    }
}
