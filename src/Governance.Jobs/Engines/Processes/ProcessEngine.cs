using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Governance.Jobs.Engines.Processes;

/// <summary>
/// Runs each shard in a process of its own on this machine: a shard that crashes or eats memory takes nothing with it. Thread-safe.
/// </summary>
/// <param name="slots">Processes at once; one per processor unless said otherwise.</param>
/// <param name="gpus">Device numbers to allot, each to one shard at a time, through <c>CUDA_VISIBLE_DEVICES</c>.</param>
public sealed class ProcessEngine(int? slots = null, IReadOnlyList<string>? gpus = null) : TaskEngine(slots ?? Environment.ProcessorCount)
{
    private readonly GpuPool devices = new(gpus ?? []);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        devices.Dispose();
    }

    public override string Name => "processes";

    public override TimeSpan PollInterval => TimeSpan.FromMilliseconds(100);

    public override Task<string> LogAsync(ShardJob job, string ticket, int index, CancellationToken cancellationToken) =>
        ShardLog.TailAsync(LogPath(job, index), cancellationToken);

    protected override void Admit(ShardJob job)
    {
        if (job.Resources.Gpus > devices.Size)
        {
            throw new EngineException(EngineFault.Refused, $"A shard asks for {job.Resources.Gpus} GPUs; this machine gives {devices.Size}.");
        }
    }

    protected override async Task<int> RunAsync(ShardJob job, int index, CancellationToken cancellationToken)
    {
        using var lease = await devices.TakeAsync(job.Resources.Gpus, cancellationToken);
        Directory.CreateDirectory(job.LogFolder);
        await using var log = new StreamWriter(new FileStream(LogPath(job, index), FileMode.Create, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        using var process = Start(job, index, lease.Devices);
        process.OutputDataReceived += (_, line) => Write(log, line.Data);
        process.ErrorDataReceived += (_, line) => Write(log, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        return process.ExitCode;
    }

    private static Process Start(ShardJob job, int index, IReadOnlyList<string> gpus)
    {
        var start = new ProcessStartInfo(job.Command.FileName, job.Command.Arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = job.Folder,
        };
        foreach (var (name, value) in job.Command.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[ShardCommand.IndexVariable] = index.ToString(CultureInfo.InvariantCulture);
        if (gpus.Count > 0)
        {
            start.Environment["CUDA_VISIBLE_DEVICES"] = string.Join(',', gpus);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new EngineException(EngineFault.Refused, $"'{job.Command.FileName}' cannot be started: {e.Message}", e);
        }
    }

    private static string LogPath(ShardJob job, int index) => Path.Combine(job.LogFolder, string.Create(CultureInfo.InvariantCulture, $"{job.Name}.{index}.log"));

    private static void Write(StreamWriter log, string? line)
    {
        if (line is not null)
        {
            lock (log)
            {
                log.WriteLine(line);
            }
        }
    }
}
