namespace Governance.Reports.Pdf;

/// <summary>How to run WeasyPrint.</summary>
public sealed record WeasyPrintOptions
{
    /// <summary>A path, or a name found on <c>PATH</c>. Default <c>weasyprint</c>.</summary>
    public string Executable { get; init; } = "weasyprint";

    /// <summary>Longest one rendering may take before it is ended. Default two minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);
}
