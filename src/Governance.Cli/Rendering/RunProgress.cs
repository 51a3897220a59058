using System.Globalization;
using Governance.Cli.Shell;
using Governance.Client.Contracts;
using Spectre.Console;

namespace Governance.Cli.Rendering;

/// <summary>Follows a run on standard error: bars on a terminal, else a line for each check that ends.</summary>
internal static class RunProgress
{
    /// <returns>The run as it ended.</returns>
    public static Task<RunDetails> FollowAsync(IAsyncEnumerable<RunDetails> states, Output output, CancellationToken cancellationToken) =>
        output.Interactive ? DrawAsync(states, output, cancellationToken) : WriteAsync(states, output, cancellationToken);

    private static async Task<RunDetails> WriteAsync(IAsyncEnumerable<RunDetails> states, Output output, CancellationToken cancellationToken)
    {
        var reported = new HashSet<string>(StringComparer.Ordinal);
        RunDetails? last = null;
        await foreach (var run in states.WithCancellation(cancellationToken))
        {
            last = run;
            foreach (var check in run.Checks.Where(c => HasEnded(c) && reported.Add(c.Check)))
            {
                output.Note(string.Create(CultureInfo.InvariantCulture, $"  [{reported.Count}/{run.Checks.Count}] {check.Check}: {Finding(check)}"));
            }
        }

        return last ?? throw new InvalidOperationException("The run has no state.");
    }

    private static Task<RunDetails> DrawAsync(IAsyncEnumerable<RunDetails> states, Output output, CancellationToken cancellationToken) =>
        output.Notes.Progress().AutoClear(false).Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async progress =>
            {
                var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                RunDetails? last = null;
                await foreach (var run in states.WithCancellation(cancellationToken))
                {
                    last = run;
                    foreach (var check in run.Checks)
                    {
                        if (!bars.TryGetValue(check.Check, out var bar))
                        {
                            bars[check.Check] = bar = progress.AddTask(Markup.Escape(check.Check), maxValue: 1);
                        }

                        bar.Value = HasEnded(check) ? 1 : check.Progress;
                    }
                }

                return last ?? throw new InvalidOperationException("The run has no state.");
            });

    private static bool HasEnded(RunCheck check) => check.Status is RunCheckStatus.Recorded or RunCheckStatus.NotApplicable or RunCheckStatus.Failed;

    private static string Finding(RunCheck check) => check.Status switch
    {
        RunCheckStatus.NotApplicable => "not applicable: " + check.Note,
        RunCheckStatus.Failed => "failed: " + check.Note,
        _ => "recorded",
    };
}
