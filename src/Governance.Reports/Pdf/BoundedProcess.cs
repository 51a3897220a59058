using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Governance.Reports.Pdf;

/// <summary>Runs a program to its end with a bare environment, a time limit, and only the first part of what it prints kept.</summary>
internal static class BoundedProcess
{
    private const int KeptCharacters = 8 * 1024;

    /// <summary>Null when the program is not there or may not be run.</summary>
    /// <exception cref="TimeoutException">It ran past the limit and was ended.</exception>
    public static async Task<ProcessResult?> RunAsync(
        string program, IEnumerable<string> arguments, string folder, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartInfo(program, arguments, folder) };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        process.StandardInput.Close();
        using var timer = new CancellationTokenSource(limit);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            var output = ReadAsync(process.StandardOutput, stop.Token);
            var error = ReadAsync(process.StandardError, stop.Token);
            await process.WaitForExitAsync(stop.Token);
            return new ProcessResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{Path.GetFileName(program)} did not finish within {limit.TotalSeconds:0} s and was ended.", e);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var path = start.Environment.TryGetValue("PATH", out var value) ? value : null;
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["HOME"] = folder;
        start.Environment["TMPDIR"] = folder;
        start.Environment["LANG"] = "C.UTF-8";

        // Tools that stamp the current time into what they write (font subsets) take this one instead, so equal input gives equal bytes.
        start.Environment["SOURCE_DATE_EPOCH"] = "0";

        // Every proxy is a closed port, so a URL that slipped in cannot be fetched.
        foreach (var proxy in new[] { "http_proxy", "https_proxy", "ftp_proxy" })
        {
            start.Environment[proxy] = "http://127.0.0.1:9";
        }

        return start;
    }

    /// <summary>Reads to the end, so the program never blocks on a full pipe, and keeps the beginning.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var kept = new StringBuilder();
        var buffer = new char[2048];
        int read;
        while ((read = await reader.ReadAsync(buffer, cancellationToken)) > 0)
        {
            kept.Append(buffer, 0, Math.Min(read, KeptCharacters - kept.Length));
        }

        return kept.ToString();
    }
}

internal sealed record ProcessResult(int ExitCode, string Output, string Error);
