using Governance.Reports.Charts;

namespace Governance.Reports.Documents;

/// <summary>A block of a report: what a section is made of. A closed family of immutable records; renderers handle each.</summary>
public abstract record Block;

/// <summary>A heading inside a section, numbered by the renderer and listed in the contents.</summary>
/// <param name="Id">Unique within the document.</param>
public sealed record Heading(string Id, string Title) : Block;

/// <summary>A heading below a <see cref="Heading"/>: neither numbered nor listed.</summary>
/// <param name="Id">Link target, unique within the document.</param>
public sealed record Subheading(string Title, string? Id = null) : Block;

/// <param name="Style">How prominent it is.</param>
public sealed record Paragraph(Phrase Content, ParagraphStyle Style = ParagraphStyle.Body) : Block;

public enum ParagraphStyle
{
    Body,

    /// <summary>Opens a section, larger.</summary>
    Lead,

    /// <summary>Small print.</summary>
    Note,
}

/// <param name="Ordered">Numbered: steps.</param>
public sealed record ItemList(IReadOnlyList<Phrase> Items, bool Ordered = false) : Block;

/// <summary>Names and values, one per line.</summary>
public sealed record Facts(IReadOnlyList<Fact> Items) : Block;

public sealed record Fact(string Name, Phrase Value);

/// <summary>A table with a numbered caption; its header repeats on every page.</summary>
/// <param name="Evidence">Where its figures come from; null for tables of facts that are not check results.</param>
public sealed record DataTable(string Caption, IReadOnlyList<TableColumn> Columns, IReadOnlyList<TableRow> Rows, EvidenceReference? Evidence = null) : Block;

/// <param name="Width">Share of the width relative to the other columns; 0 leaves it to the renderer.</param>
public sealed record TableColumn(string Title, Align Align = Align.Start, double Width = 0);

public enum Align
{
    Start,

    /// <summary>For numbers.</summary>
    End,
}

public sealed record TableRow(IReadOnlyList<Phrase> Cells);

/// <summary>A numbered figure. Always with the evidence it was drawn from.</summary>
public sealed record Figure(Chart Chart, EvidenceReference Evidence) : Block;

public sealed record Callout(Tone Tone, string Title, Phrase Content) : Block;

/// <summary>Acts of signing that were recorded.</summary>
public sealed record Signatures(IReadOnlyList<Signature> Items) : Block;

/// <summary>A line to be signed by hand or by a qualified signature after printing.</summary>
public sealed record SignatureLine(string Role, string Meaning) : Block;

/// <summary>Where the statements above come from, in full: key, check, digest, ledger index.</summary>
public sealed record EvidenceLine(EvidenceReference Evidence) : Block;

/// <summary>Commands or signed notes, verbatim.</summary>
public sealed record CodeBlock(string Content) : Block;

/// <summary>A signature as 21 CFR 11.50 wants it shown: who, when, in what role, meaning what. Immutable.</summary>
/// <param name="Person">Who signed, as the identity provider knows them: independence is judged by it, never by the name.</param>
/// <param name="Meaning">authored, reviewed, validated, approved, conditional, rejected, attested.</param>
/// <param name="LedgerIndex">Entry that records it.</param>
public sealed record Signature(string Person, string Name, string Role, DateTimeOffset At, string Meaning, string? Comment, long LedgerIndex);
