using Governance.Reports.Documents;

namespace Governance.Reports.Pdf;

/// <summary>Turns a report document into a PDF. One adapter per engine; thread-safe.</summary>
public interface IPdfRenderer
{
    /// <summary>Which engine would be used; for start-up messages and health.</summary>
    /// <exception cref="PdfUnavailableException">The engine is not there or too old.</exception>
    Task<PdfEngine> DetectAsync(CancellationToken cancellationToken);

    /// <summary>The PDF, from its start; the caller disposes it. Title, language, author and time come from the document.</summary>
    /// <exception cref="PdfUnavailableException">The engine is not there or too old.</exception>
    /// <exception cref="PdfFailedException">The engine refused the document, took too long or wrote too much.</exception>
    Task<Stream> RenderAsync(PdfRequest request, CancellationToken cancellationToken);
}

/// <summary>What to render. Immutable.</summary>
/// <param name="Document">The report.</param>
public sealed record PdfRequest(ReportDocument Document)
{
    /// <summary>Files put inside the PDF: the evidence in machine-readable form. At most <see cref="PdfLimits.MaximumAttachments"/>.</summary>
    public IReadOnlyList<PdfAttachment> Attachments { get; init; } = [];

    public PdfProfile Profile { get; init; } = PdfProfile.Archive;
}

/// <summary>Which part of the PDF standards the file is made for.</summary>
public enum PdfProfile
{
    /// <summary>PDF/A-3b: for keeping; may carry attachments.</summary>
    Archive,

    /// <summary>PDF/UA-1: tagged, for assistive technology.</summary>
    Accessible,
}

/// <param name="FileName">Letters, digits, <c>.</c>, <c>_</c> and <c>-</c>; unique within the request: <c>E1.json</c>.</param>
public sealed record PdfAttachment(string FileName, ReadOnlyMemory<byte> Content);

/// <param name="Name">WeasyPrint.</param>
public sealed record PdfEngine(string Name, Version Version);

/// <summary>Bounds every adapter keeps.</summary>
public static class PdfLimits
{
    public const int MaximumAttachments = 200;
    public const long MaximumInputBytes = 64L * 1024 * 1024;
    public const long MaximumOutputBytes = 256L * 1024 * 1024;
}
