namespace Governance.Reports.Pdf;

/// <summary>No PDF engine: the message says what to install. The report is still there as HTML.</summary>
public sealed class PdfUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The engine did not make a PDF of this document; the message is for operators and holds no report content.</summary>
public sealed class PdfFailedException(string message, Exception? inner = null) : Exception(message, inner);
