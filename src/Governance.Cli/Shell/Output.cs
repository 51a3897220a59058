using System.Text.Json;
using Governance.Client.Contracts;
using Governance.Core;
using Spectre.Console;
using Text = Spectre.Console.Text;

namespace Governance.Cli.Shell;

/// <summary>
/// The one place that writes. Results go to standard output, as text or, with <c>--json</c>, as exactly one JSON document;
/// everything else goes to standard error.
/// </summary>
internal sealed class Output
{
    private const int PipeWidth = 160;
    private readonly Terminal terminal;

    public Output(Terminal terminal, bool json, bool color)
    {
        this.terminal = terminal;
        Json = json;
        Results = Create(terminal.Out, terminal.OutIsTerminal, color);
        Notes = Create(terminal.Error, terminal.ErrorIsTerminal, color);
    }

    /// <summary>Standard output is for one JSON document.</summary>
    public bool Json { get; }

    /// <summary>Standard error, for progress and remarks.</summary>
    public IAnsiConsole Notes { get; }

    /// <summary>Progress may be drawn over; else it is written line by line.</summary>
    public bool Interactive => terminal.ErrorIsTerminal;

    private IAnsiConsole Results { get; }

    /// <summary>Writes a command's result: as JSON, or as <paramref name="show"/> draws it.</summary>
    public void Result<T>(T value, Action<IAnsiConsole, T> show)
    {
        if (Json)
        {
            WriteJson(value);
        }
        else
        {
            show(Results, value);
        }
    }

    /// <summary>Writes text that is the result itself (a checkpoint, a proof); as a JSON string with <c>--json</c>.</summary>
    public void Plain(string text) => Result(text, (_, value) => terminal.Out.WriteLine(value.TrimEnd('\n')));

    /// <summary>A line of a story that is the result itself, told while it happens; on standard error when that is for JSON.</summary>
    public void Narrate(string text) => (Json ? terminal.Error : terminal.Out).WriteLine(OneLine(text));

    public void Heading(string text)
    {
        Narrate("");
        (Json ? Notes : Results).Write(new Text(OneLine(text) + "\n", new Style(decoration: Decoration.Bold)));
    }

    /// <summary>A remark on standard error.</summary>
    public void Note(string text) => Notes.WriteLine(text);

    /// <summary>The one line of a failure, what to do, and with <c>--json</c> the problem as the document on standard output.</summary>
    public void Failure(Problem problem, string? hint = null)
    {
        Notes.Markup("[red]error:[/] ");
        Notes.WriteLine(OneLine(problem.Detail ?? problem.Title));
        foreach (var fault in problem.Faults ?? [])
        {
            Notes.WriteLine("  - " + OneLine(fault));
        }

        if (hint is not null)
        {
            Notes.Markup("[grey]hint:[/] ");
            Notes.WriteLine(hint);
        }

        if (Json)
        {
            WriteJson(problem);
        }
    }

    private void WriteJson<T>(T value) => terminal.Out.WriteLine(JsonSerializer.Serialize(value, GovernanceJson.Indented));

    /// <summary>What came from elsewhere keeps to one line and cannot steer the terminal.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal, bool color)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal && color ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal && color ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = PipeWidth;
        }

        return console;
    }
}
