using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Governance.Jobs.Engines.Slurm;

/// <summary>Slurm over its commands: needs <c>slurm.conf</c> and munge on this machine. Thread-safe.</summary>
internal sealed class SlurmCommands(SlurmOptions options) : ISlurm
{
    private const string Fields = "ArrayTaskID:24,State:24,exit_code:16,Reason:120,NodeList:120";
    private static readonly int[] Widths = [24, 24, 16, 120, 120];

    public async Task<string> SubmitAsync(ShardJob job, string script, CancellationToken cancellationToken)
    {
        var resources = job.Resources;
        var arguments = new List<string>
        {
            "--parsable", "--requeue", "--export=NIL", "--chdir=/",
            $"--job-name={job.Name}",
            $"--array={SlurmScript.Array(job)}",
            $"--output={SlurmScript.LogPattern(job)}",
            string.Create(CultureInfo.InvariantCulture, $"--time={resources.Minutes}"),
            string.Create(CultureInfo.InvariantCulture, $"--mem={resources.MemoryMiB}M"),
            string.Create(CultureInfo.InvariantCulture, $"--cpus-per-task={resources.Cpus}"),
        };
        Add(arguments, "--dependency", SlurmScript.Dependency(job));
        Add(arguments, "--gres", resources.Gpus > 0 ? string.Create(CultureInfo.InvariantCulture, $"gpu:{resources.Gpus}") : null);
        Add(arguments, "--partition", options.Partition);
        Add(arguments, "--account", options.Account);
        Add(arguments, "--qos", options.Qos);
        var answer = await RunAsync("sbatch", arguments, script, cancellationToken);
        var id = answer.Output.Trim().Split(';')[0];
        return answer.ExitCode == 0 && IsId(id) ? id : throw Refused("sbatch", answer);
    }

    public async Task<string?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await RunAsync("squeue", ["--noheader", "--states=all", $"--name={name}", "--format=%F"], null, cancellationToken);
        return answer.ExitCode == 0
            ? answer.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(IsId)
            : throw Unreachable("squeue", answer);
    }

    public async Task<IReadOnlyList<SlurmTask>> TasksAsync(string id, CancellationToken cancellationToken)
    {
        var queue = await RunAsync("squeue", ["--noheader", "--array", "--states=all", $"--jobs={id}", $"--Format={Fields}"], null, cancellationToken);
        if (queue.ExitCode == 0 && queue.Output.Length > 0)
        {
            return [.. queue.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(OfQueue).OfType<SlurmTask>()];
        }

        if (queue.ExitCode != 0 && !queue.Error.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase))
        {
            throw Unreachable("squeue", queue);
        }

        // Long ended: only accounting knows, where it runs.
        var accounting = await RunAsync("sacct", ["--noheader", "--parsable2", "--allocations", $"--jobs={id}", "--format=JobID,State,ExitCode,NodeList"], null, cancellationToken);
        return accounting.ExitCode == 0 ? [.. accounting.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(OfAccounting).OfType<SlurmTask>()] : [];
    }

    public async Task CancelAsync(string id, IReadOnlyCollection<int>? indices, CancellationToken cancellationToken)
    {
        IEnumerable<string> targets = indices is null ? [id] : indices.Select(i => string.Create(CultureInfo.InvariantCulture, $"{id}_{i}"));
        var answer = await RunAsync("scancel", ["--quiet", .. targets], null, cancellationToken);
        if (answer.ExitCode != 0 && !answer.Error.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase))
        {
            throw Unreachable("scancel", answer);
        }
    }

    private static SlurmTask? OfQueue(string line)
    {
        var fields = new string[Widths.Length];
        for (int f = 0, at = 0; f < Widths.Length; at += Widths[f], f++)
        {
            fields[f] = at >= line.Length ? "" : line.AsSpan(at, Math.Min(Widths[f], line.Length - at)).Trim().ToString();
        }

        return int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new SlurmTask(index, fields[1], WaitStatus(fields[2]), fields[3], fields[4])
            : null;
    }

    private static SlurmTask? OfAccounting(string line)
    {
        var fields = line.Split('|');
        return fields.Length == 4 && fields[0].Split('_') is [_, var task] && int.TryParse(task, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new SlurmTask(index, fields[1], WaitStatus(fields[2]), null, fields[3])
            : null;
    }

    /// <summary>squeue prints the wait status; sacct prints <c>code:signal</c>.</summary>
    private static int? WaitStatus(string text) => text.Split(':') switch
    {
        [var code, var signal] when int.TryParse(code, CultureInfo.InvariantCulture, out var c) && int.TryParse(signal, CultureInfo.InvariantCulture, out var s) => (c << 8) | s,
        [var status] when int.TryParse(status, CultureInfo.InvariantCulture, out var w) => w,
        _ => null,
    };

    private async Task<Answer> RunAsync(string command, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        using var process = Start(command, arguments);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new Answer(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new EngineException(EngineFault.Unreachable, $"{command} did not answer within {options.Timeout.TotalSeconds:0} s: is slurmctld up?");
        }
    }

    private static Process Start(string command, IReadOnlyList<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(command, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            throw new EngineException(EngineFault.Refused, $"{command} is not on this machine: install Slurm's client commands, or name a slurmrestd.", e);
        }
    }

    private static void Add(List<string> arguments, string option, string? value)
    {
        if (value is not null)
        {
            arguments.Add($"{option}={value}");
        }
    }

    private static bool IsId(string text) => text.Length is > 0 and < 20 && text.All(char.IsAsciiDigit);

    private static EngineException Refused(string command, Answer answer) => new(EngineFault.Refused, $"{command}: {Line(answer)}");

    private static EngineException Unreachable(string command, Answer answer) => new(EngineFault.Unreachable, $"{command}: {Line(answer)}");

    private static string Line(Answer answer) =>
        answer.Error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"exit code {answer.ExitCode}";

    private sealed record Answer(int ExitCode, string Output, string Error);
}
