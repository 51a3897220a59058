using System.Runtime.InteropServices;

namespace Governance.Ledger;

/// <summary>Sleeps for parts of a millisecond, which the runtime's own waits do not. Elsewhere than on Linux it gives way to other threads once.</summary>
internal static partial class PreciseSleep
{
    /// <summary>Sleeps for at least so long, and some fifty microseconds more.</summary>
    public static void For(TimeSpan time)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Sleep((uint)time.TotalMicroseconds);
        }
        else
        {
            Thread.Yield();
        }
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sleep(uint microseconds);
}
