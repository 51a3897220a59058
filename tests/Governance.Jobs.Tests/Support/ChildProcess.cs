using System.Diagnostics;
using System.Text;

namespace Governance.Jobs.Tests.Support;

/// <summary>A command that really runs, for servers that stand in for a cluster's nodes. Thread-safe.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder log = new();

    public ChildProcess(IReadOnlyList<string> words, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exit = ExitAsync();
    }

    /// <summary>The exit code, once it has ended and all it wrote was read.</summary>
    public Task<int> Exit { get; }

    public string Log
    {
        get
        {
            lock (log)
            {
                return log.ToString();
            }
        }
    }

    public void Kill()
    {
        if (!Exit.IsCompleted)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose()
    {
        Kill();
        Exit.Wait();
        process.Dispose();
    }

    private async Task<int> ExitAsync()
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private void Add(string? line)
    {
        lock (log)
        {
            if (line is not null)
            {
                log.Append(line).Append('\n');
            }
        }
    }
}
