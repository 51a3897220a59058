namespace Governance.Reports.Documents;

/// <summary>A report as a value: what it says, not how it looks. Rendered to HTML and PDF; equal inputs give equal documents. Immutable.</summary>
public sealed record ReportDocument
{
    public required string ReportId { get; init; }

    /// <summary>What kind of report: "Model validation report".</summary>
    public required string Title { get; init; }

    /// <summary>What it is about.</summary>
    public required string Subtitle { get; init; }

    /// <summary>Handling: "Confidential".</summary>
    public required string Classification { get; init; }

    /// <summary>BCP 47 language tag of the wording.</summary>
    public required string Language { get; init; }

    public required string Author { get; init; }

    public required DateTimeOffset GeneratedAt { get; init; }

    public required Cover Cover { get; init; }

    public required IReadOnlyList<Section> Sections { get; init; }
}

/// <summary>The first pages: what every report states before anything else.</summary>
/// <param name="Outcome">The one result a reader wants first; null when there is none.</param>
/// <param name="Facts">Identity of what the report is about: version, digests, policy, times.</param>
/// <param name="Signatures">Recorded so far; may be empty.</param>
/// <param name="Verification">How a reader can check the report without trusting its sender.</param>
public sealed record Cover(Badge? Outcome, IReadOnlyList<Fact> Facts, IReadOnlyList<Signature> Signatures, IReadOnlyList<Phrase> Verification);

/// <param name="Id">Identifier in the report's definition; link target.</param>
/// <param name="Appendix">Lettered instead of numbered.</param>
/// <param name="NewPage">Starts on a page of its own; otherwise follows on.</param>
public sealed record Section(string Id, string Title, bool Appendix, bool NewPage, IReadOnlyList<Block> Blocks);
