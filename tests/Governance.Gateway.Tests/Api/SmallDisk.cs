using System.Diagnostics;
using Governance.Testing;

namespace Governance.Gateway.Tests.Api;

/// <summary>A file system of its own and of a few megabytes, in memory: one that can be filled, and made read-only even for root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder folder = new();

    private SmallDisk()
    {
    }

    public string Path => folder.Path;

    /// <summary>Skips the calling test where file systems cannot be mounted.</summary>
    /// <param name="size">As <c>mount(8)</c> takes it: <c>8m</c>.</param>
    public static SmallDisk Mount(string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small file system takes root on Linux");
        var disk = new SmallDisk();
        if (!Run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk.Path))
        {
            disk.folder.Dispose();
            Assert.Skip("This machine does not let a file system be mounted");
        }

        return disk;
    }

    public void MakeReadOnly() => Assert.True(Run("mount", "-o", "remount,ro", Path));

    /// <summary>Fills what is left, to the last byte.</summary>
    public void Fill()
    {
        try
        {
            using var file = new FileStream(System.IO.Path.Combine(Path, "filler"), FileMode.Append);
            for (var block = new byte[65536]; block.Length > 0;)
            {
                try
                {
                    file.Write(block);
                    file.Flush();
                }
                catch (IOException)
                {
                    block = new byte[block.Length / 2];
                }
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void MakeRoom() => File.Delete(System.IO.Path.Combine(Path, "filler"));

    public void Dispose()
    {
        Run("umount", "-l", Path);
        folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
