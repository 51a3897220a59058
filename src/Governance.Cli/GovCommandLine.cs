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
            RunCommands.Create(factory),
            LedgerCommands.Create(factory),
            PolicyCommands.Create(factory),
            ErasureCommands.Create(factory),
            ReportCommands.Create(factory),
            InferCommand.Create(factory),
            WhoAmICommand.Create(factory),
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
        var path = string.Join(' ', Path(parse.CommandResult.Command));
        return Failures.Report(CliException.Usage(string.Join(' ', parse.Errors.Select(e => e.Message)), $"See: {path} --help"), output, CancellationToken.None);
    }

    private static IEnumerable<string> Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? [.. Path(parent), command.Name] : ["gov"];
}
