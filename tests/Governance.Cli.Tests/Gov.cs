using System.Text.Json;
using Governance.Cli.Shell;

namespace Governance.Cli.Tests;

/// <summary>One run of the command line, in this process.</summary>
internal sealed record Gov(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as the one JSON document it must be.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    public static Task<Gov> RunAsync(params string[] arguments) => RunAsync(arguments, new Dictionary<string, string>());

    public static async Task<Gov> RunAsync(
        string[] arguments, IReadOnlyDictionary<string, string> variables, string input = "", CancellationToken? cancellationToken = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var reader = new StringReader(input);
        var terminal = new Terminal { In = reader, Out = output, Error = error, Variable = name => variables.GetValueOrDefault(name) };
        var exitCode = await GovCommandLine.RunAsync(arguments, terminal, cancellationToken ?? TestContext.Current.CancellationToken);
        return new Gov(exitCode, output.ToString(), error.ToString());
    }
}
