using System.CommandLine;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client.Contracts;

namespace Governance.Cli.Commands;

/// <summary><c>gov schedule</c>: what the gateway does by the calendar.</summary>
internal static class ScheduleCommands
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("schedule", "What runs by the calendar: list, show, run, pause, resume",
        List(factory), Show(factory), Run(factory), Pause(factory), Resume(factory));

    private static Command List(CommandFactory factory) =>
        factory.Leaf("list", "List the schedules", ["gov schedule list", "gov schedule list --json"], [], async (run, cancellationToken) =>
        {
            run.Output.Result(await run.Client.ListSchedulesAsync(cancellationToken), ScheduleViews.List);
            return ExitCodes.Ok;
        });

    private static Command Show(CommandFactory factory)
    {
        var name = Name();
        return factory.Leaf("show", "Show a schedule", ["gov schedule show revalidation"], [name],
            (run, cancellationToken) => ResultAsync(run, run.Client.GetScheduleAsync(run.Get(name), cancellationToken)));
    }

    private static Command Run(CommandFactory factory)
    {
        var name = Name();
        return factory.Leaf("run", "Run it now, once, also when it is paused (administrator, validator, compliance)", ["gov schedule run revalidation --as victor"], [name],
            (run, cancellationToken) => ResultAsync(run, run.Client.RunScheduleAsync(run.Get(name), cancellationToken)));
    }

    private static Command Pause(CommandFactory factory)
    {
        var name = Name();
        var reason = Values.Required<string>("--reason", "Why; it is recorded");
        return factory.Leaf("pause", "Leave out what is due until it is resumed", ["gov schedule pause revalidation --reason \"Cluster is being moved\" --as victor"], [name, reason],
            (run, cancellationToken) => ResultAsync(run, run.Client.PauseScheduleAsync(run.Get(name), run.Get(reason), run.IdempotencyKey, cancellationToken)));
    }

    private static Command Resume(CommandFactory factory)
    {
        var name = Name();
        return factory.Leaf("resume", "Let a paused schedule go on", ["gov schedule resume revalidation --as victor"], [name],
            (run, cancellationToken) => ResultAsync(run, run.Client.ResumeScheduleAsync(run.Get(name), run.IdempotencyKey, cancellationToken)));
    }

    private static Argument<string> Name() => new("schedule") { Description = "Name of the schedule" };

    private static async Task<int> ResultAsync(Invocation run, Task<ScheduleDetails> schedule)
    {
        run.Output.Result(await schedule, ScheduleViews.Show);
        return ExitCodes.Ok;
    }
}
