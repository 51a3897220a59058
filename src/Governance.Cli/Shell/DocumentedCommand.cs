using System.CommandLine;

namespace Governance.Cli.Shell;

/// <summary>A command with examples for its help.</summary>
internal sealed class DocumentedCommand(string name, string description, IReadOnlyList<string> examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
