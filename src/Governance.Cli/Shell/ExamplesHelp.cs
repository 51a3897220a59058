using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Governance.Cli.Shell;

/// <summary>The usual help, followed by examples; at the root, by the exit codes.</summary>
internal sealed class ExamplesHelp(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        var writer = parseResult.InvocationConfiguration.Output;
        switch (parseResult.CommandResult.Command)
        {
            case DocumentedCommand { Examples.Count: > 0 } command:
                writer.WriteLine("Examples:");
                foreach (var example in command.Examples)
                {
                    writer.WriteLine("  " + example);
                }

                writer.WriteLine();
                break;
            case RootCommand:
                writer.WriteLine("Exit codes:");
                foreach (var (code, meaning) in ExitCodes.All)
                {
                    writer.WriteLine($"  {code,3}  {meaning}");
                }

                writer.WriteLine();
                break;
        }

        return ExitCodes.Ok;
    }
}
