using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Governance.Storage;

/// <summary>Makes renames and new names in a folder durable: <c>fsync(2)</c> on the folder, which .NET has no call for. Nothing to do on Windows.</summary>
internal static partial class FolderSync
{
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, 0);
        if (descriptor < 0)
        {
            throw new IOException("The folder could not be opened to make it durable.", new Win32Exception());
        }

        var failed = Sync(descriptor) != 0;
        var error = failed ? new Win32Exception() : null;
        _ = Close(descriptor);
        if (failed)
        {
            throw new IOException("The folder could not be made durable.", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
