using Governance.Reports.Definitions;
using Governance.Reports.Documents;
using Governance.Reports.Erasure;
using Governance.Reports.Html;
using Governance.Reports.Validation;

namespace Governance.Reports;

/// <summary>
/// The reports an installation can make: definitions, wording, stylesheet and fonts, read and checked once at start. Turning input into a document
/// and a document into HTML is pure after that. Immutable and thread-safe.
/// </summary>
public sealed class ReportLibrary
{
    private readonly ReportDefinition validation;
    private readonly ReportDefinition erasure;

    private ReportLibrary(ReportDefinition validation, ReportDefinition erasure, HtmlRenderer html) =>
        (this.validation, this.erasure, Html) = (validation, erasure, html);

    /// <summary>The folder <c>reports</c> that the build puts beside the program.</summary>
    public static string DefaultFolder { get; } = Path.Combine(AppContext.BaseDirectory, "reports");

    public HtmlRenderer Html { get; }

    /// <param name="folder">Holds <c>validation.yaml</c>, <c>erasure.yaml</c>, <c>styles/</c>, <c>fonts/</c>.</param>
    /// <exception cref="ReportDefinitionException">A definition is wrong; the message names file, line and remedy for everything that is.</exception>
    /// <exception cref="FileNotFoundException">The stylesheet or a font it names is missing.</exception>
    public static ReportLibrary Load(string folder)
    {
        var errors = new List<DefinitionError>();
        var ofValidation = Definition(folder, ValidationReport.Kind, errors);
        var ofErasure = Definition(folder, ErasureCertificate.Kind, errors);
        return errors.Count == 0
            ? new ReportLibrary(ofValidation!, ofErasure!, new HtmlRenderer(ReportStyle.Load(folder)))
            : throw new ReportDefinitionException(errors);
    }

    public ReportDocument Validation(ValidationReportInput input) => ValidationReport.Compose(validation, input);

    /// <exception cref="ArgumentException">The subject reference is not a pseudonym.</exception>
    public ReportDocument Erasure(ErasureCertificateInput input) => ErasureCertificate.Compose(erasure, input);

    private static ReportDefinition? Definition<TInput>(string folder, ReportKind<TInput> kind, List<DefinitionError> errors)
    {
        try
        {
            return DefinitionReader<TInput>.Load(Path.Combine(folder, kind.Id + ".yaml"), kind);
        }
        catch (ReportDefinitionException e)
        {
            errors.AddRange(e.Errors);
            return null;
        }
    }
}
