using System.CommandLine;
using System.CommandLine.Help;
using Governance.Cli.Commands;
using Governance.Cli.Shell;

namespace Governance.Cli;

/// <summary>The whole command line: what <c>gov</c> runs, and tests too.</summary>
public static class GovCommandLine
{
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var options = new GlobalOptions();
        if (arguments.Count == 0)
        {
            arguments = ["--help"];
        }

        var parse = Create(new CommandFactory(options, terminal)).Parse(arguments);
        if (parse.Errors.Count > 0 && parse.Action is not ExamplesHelp)
        {
            return ReportUsage(parse, options.CreateOutput(parse, terminal));
        }

        return await parse.InvokeAsync(
            new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false }, cancellationToken);
    }

    /// <summary>The commands, for documentation and tests.</summary>
    internal static RootCommand Create(CommandFactory factory)
    {
        var root = new RootCommand("Model governance from the command line: register, check, gate, sign off, promote, prove, forget, report.")
        {
            ModelCommands.Create(factory),
            DatasetCommands.Create(factory),
            VersionCommands.Create(factory),
            RouteCommands.Create(factory),
            ChecksCommands.Create(factory),
            RunCommands.Create(factory),
            ReproduceCommand.Create(factory),
            PlanCommands.Create(factory),
            ShardCommands.Create(factory),
            LedgerCommands.Create(factory),
            WitnessCommand.Create(factory),
            PolicyCommands.Create(factory),
            GateCommands.Create(factory),
            FindingCommands.Create(factory),
            WaiverCommands.Create(factory),
            AlertsCommand.Create(factory),
            ReviewCommands.Create(factory),
            ErasureCommands.Create(factory),
            KeyCommands.Create(factory),
            ScheduleCommands.Create(factory),
            ReportCommands.Create(factory),
            InferCommand.Create(factory),
            WhoAmICommand.Create(factory),
            DemoCommand.Create(factory),
        };
        foreach (var option in factory.Options.All)
        {
            root.Add(option);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelp((HelpAction)help.Action!);
        return root;
    }

    private static int ReportUsage(ParseResult parse, Output output)
    {
        // That no command was given only repeats that what stands in its place is not one.
        var messages = parse.Errors.Select(e => e.Message).Distinct(StringComparer.Ordinal).ToList();
        var told = messages.Count > 1 ? messages.Where(m => !m.StartsWith("Required command", StringComparison.Ordinal)) : messages;
        return Failures.Report(
            CliException.Usage(string.Join(' ', told), $"See: {string.Join(' ', Path(parse.CommandResult.Command))} --help"), output, CancellationToken.None);
    }

    private static IEnumerable<string> Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? [.. Path(parent), command.Name] : ["gov"];
}
