using System.CommandLine;
using Governance.Client;

namespace Governance.Cli.Shell;

/// <summary>One run of a command: its values, its output, its gateway.</summary>
internal sealed class Invocation(ParseResult parse, GlobalOptions options, Terminal terminal, Output output) : IDisposable
{
    private Session? session;

    public Output Output => output;

    public Terminal Terminal => terminal;

    /// <summary>Made on first use: commands that need no gateway never read its address.</summary>
    public Session Session => session ??= options.CreateSession(parse, terminal);

    public GovernanceClient Client => Session.Client;

    public string? IdempotencyKey => parse.GetValue(options.IdempotencyKey);

    /// <summary>An address was given on the command line itself.</summary>
    public bool HasUrl => parse.GetValue(options.Url) is not null;

    public T Get<T>(Option<T> option) => parse.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => parse.GetValue(argument)!;

    public void Dispose() => session?.Dispose();
}
