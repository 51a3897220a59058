namespace Governance.Cli.Demo;

/// <summary>Something the tour set out to show did not come true. The message says what was expected and what was seen.</summary>
internal sealed class TourException(string message) : Exception(message);
