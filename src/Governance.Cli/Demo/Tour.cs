using System.Globalization;
using Governance.Cli.Demo.Steps;
using Governance.Cli.Shell;

namespace Governance.Cli.Demo;

/// <summary>Runs the steps in order, each once, and remembers after each what is done.</summary>
internal sealed class Tour(TourContext context, Output output, TimeProvider time)
{
    public static IReadOnlyList<ITourStep> Steps { get; } =
    [
        new RegisterStep(),
        new CheckStep(),
        new GateStep(),
        new SignOffStep(),
        new InferStep(),
        new VerifyStep(),
        new EraseStep(),
        new ReportStep(),
    ];

    public async Task<TourFacts> RunAsync(CancellationToken cancellationToken)
    {
        for (var number = context.Facts.Steps.Count + 1; number <= Steps.Count; number++)
        {
            var step = Steps[number - 1];
            output.Heading(string.Create(CultureInfo.InvariantCulture, $"{number}. {step.Title}"));
            var started = time.GetTimestamp();
            await step.RunAsync(context, cancellationToken);
            var (lines, proved) = context.TakeRecord();
            var record = new StepRecord(number, step.Title, Math.Round(time.GetElapsedTime(started).TotalSeconds, 3), lines, proved);
            context.Remember(facts => facts with { Steps = [.. facts.Steps, record] });
            await context.Folder.SaveAsync(context.Facts, cancellationToken);
        }

        return context.Facts;
    }
}
