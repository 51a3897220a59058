using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Governance.Gateway.Tests.Live;

/// <summary>What this process holds when both heaps have given back what they can, in bytes and counts.</summary>
/// <param name="Native">Taken from the C library and not given back: sessions of models, digests, ciphers; 0 where it is not known.</param>
/// <param name="Resident">Of its own in memory, without what is mapped from files; where that is not known, all of it.</param>
internal sealed partial record ProcessSize(long Heap, long Native, long Resident, int Files, int Threads)
{
    public static ProcessSize Now()
    {
        for (var collection = 0; collection < 2; collection++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        var (heap, native) = (GC.GetTotalMemory(forceFullCollection: false), Trimmed());
        using var process = Process.GetCurrentProcess();
        return new ProcessSize(heap, native, Anonymous() ?? process.WorkingSet64, process.HandleCount, process.Threads.Count);
    }

    /// <summary>The least of each: what is held whatever is under way, just gathered or about to be collected.</summary>
    public static ProcessSize Floor(IReadOnlyCollection<ProcessSize> sizes) =>
        new(sizes.Min(s => s.Heap), sizes.Min(s => s.Native), sizes.Min(s => s.Resident), sizes.Min(s => s.Files), sizes.Min(s => s.Threads));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"heap {Mebibytes(Heap):0.00}, native {Mebibytes(Native):0.00}, resident {Mebibytes(Resident):0.0} MiB, {Files} open files, {Threads} threads");

    private static double Mebibytes(long bytes) => bytes / 1048576.0;

    private static long? Anonymous() => OperatingSystem.IsLinux() && File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("RssAnon:", StringComparison.Ordinal)) is { } line
        ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10
        : null;

    private static long Trimmed()
    {
        try
        {
            _ = Trim(0);
            var taken = MallInfo();
            return (long)(taken.InUse + taken.Mapped);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint pad);

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial CMemory MallInfo();

    /// <summary><c>struct mallinfo2</c> of glibc: over all arenas, and what was mapped by itself.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct CMemory(
        nuint Arena, nuint FreeBlocks, nuint FastBlocks, nuint MappedBlocks, nuint Mapped, nuint Unused, nuint FastBytes, nuint InUse, nuint Free, nuint KeepCost);
}
