namespace Governance.Core.Decisions;

/// <summary>
/// Something a caller wants. A command decides itself: <see cref="Decide"/> is a pure function of the context, so adding a command is
/// adding one file. Commands carry digests of files, never files.
/// </summary>
public abstract record Command
{
    /// <summary>The stream whose version guards the append.</summary>
    public abstract string Stream { get; }

    public abstract Decision Decide(DecisionContext context);
}
