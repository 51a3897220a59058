using System.CommandLine;
using Governance.Client;
using Governance.Client.Contracts;

namespace Governance.Cli.Shell;

/// <summary>Makes commands: their action runs inside the one place that turns failures into a line, a hint and an exit code.</summary>
internal sealed class CommandFactory(GlobalOptions options, Terminal terminal)
{
    public GlobalOptions Options => options;

    /// <param name="examples">Complete command lines, shown by <c>--help</c>.</param>
    /// <param name="symbols">Arguments and options, in the order help shows them.</param>
    /// <param name="run">Returns an exit code.</param>
    public Command Leaf(
        string name, string description, IReadOnlyList<string> examples, IReadOnlyList<Symbol> symbols, Func<Invocation, CancellationToken, Task<int>> run)
    {
        var command = new DocumentedCommand(name, description, examples);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Add(argument);
                    break;
                case Option option:
                    command.Add(option);
                    break;
            }
        }

        command.SetAction((parse, cancellationToken) => RunAsync(parse, run, cancellationToken));
        return command;
    }

    public static Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var group = new DocumentedCommand(name, description, []);
        foreach (var command in commands)
        {
            group.Add(command);
        }

        return group;
    }

    private async Task<int> RunAsync(ParseResult parse, Func<Invocation, CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        var output = options.CreateOutput(parse, terminal);
        try
        {
            using var invocation = new Invocation(parse, options, terminal, output);
            return await run(invocation, cancellationToken);
        }
        catch (Exception e)
        {
            return Failures.Report(e, output, cancellationToken);
        }
    }
}
