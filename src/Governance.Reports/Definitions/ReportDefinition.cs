namespace Governance.Reports.Definitions;

/// <summary>What a <c>reports/*.yaml</c> file says: which sections a report has, in what order, and their words. Immutable.</summary>
/// <param name="Report">The kind of report it defines: <c>validation</c>.</param>
/// <param name="Title">Name of the report for people.</param>
/// <param name="Subtitle">Template of what it is about.</param>
/// <param name="Classification">Handling marking on every page.</param>
/// <param name="Language">BCP 47 tag of the wording; default <c>en</c>.</param>
/// <param name="Verification">Templates of the steps on the cover by which a reader checks the report.</param>
public sealed record ReportDefinition(
    string Report, string Title, string Subtitle, string Classification, string Language,
    IReadOnlyList<string> Verification, IReadOnlyList<SectionDefinition> Sections);

/// <param name="Id">Names the section class.</param>
/// <param name="Appendix">Lettered instead of numbered; default false.</param>
/// <param name="NewPage">Key <c>new_page</c>; default false.</param>
/// <param name="Wording">Templates by key; <c>{name}</c> is a placeholder.</param>
public sealed record SectionDefinition(string Id, string Title, bool Appendix, bool NewPage, IReadOnlyDictionary<string, string> Wording);

/// <summary>A text a section reads from its definition.</summary>
/// <param name="Name">Key below <c>wording</c>.</param>
/// <param name="Placeholders">Names it may use beside those of the whole report.</param>
public sealed record WordingKey(string Name, params IReadOnlyList<string> Placeholders);

/// <summary>One thing wrong with a definition, and where.</summary>
/// <param name="File">File name, without folder.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public sealed record DefinitionError(string File, long Line, long Column, string Message)
{
    public override string ToString() => $"{File}:{Line}:{Column}: {Message}";
}

/// <summary>A report definition cannot be used. The message lists everything that is wrong with it; correct the file and start again.</summary>
public sealed class ReportDefinitionException(IReadOnlyList<DefinitionError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<DefinitionError> Errors { get; } = errors;
}
