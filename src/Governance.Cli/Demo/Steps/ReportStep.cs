using Governance.Cli.Commands;
using Governance.Client.Contracts;
using Governance.Core;

namespace Governance.Cli.Demo.Steps;

/// <summary>The validation report and the erasure certificate as PDF.</summary>
internal sealed class ReportStep : ITourStep
{
    public string Title => "Reports: validation report and erasure certificate";

    public async Task RunAsync(TourContext tour, CancellationToken cancellationToken)
    {
        await IssueAsync(tour, "Validation report", "validation-report.pdf", Personas.Validator,
            new CreateReportRequest(ReportKind.Validation, tour.ModelId, tour.Facts.GoodVersion), cancellationToken);
        await IssueAsync(tour, "Erasure certificate", "erasure-certificate.pdf", Personas.Dpo,
            new CreateReportRequest(ReportKind.Erasure, ErasureId: tour.Facts.ErasureId), cancellationToken);
        tour.Prove($"Both documents are PDFs whose SHA-256 the ledger records.");
    }

    private static async Task IssueAsync(
        TourContext tour, string what, string name, string persona, CreateReportRequest request, CancellationToken cancellationToken)
    {
        var client = tour.As(persona);
        var report = await client.CreateReportAsync(request, tour.Key("report-" + name), cancellationToken);
        var path = tour.Folder.File(name);
        await InputFiles.WriteAsync(path, (stream, token) => client.DownloadReportAsync(report.Id, stream, token), cancellationToken);
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        TourContext.Require(bytes.AsSpan().StartsWith("%PDF-"u8), $"{name} is a PDF");
        TourContext.Require(Digest.Of(bytes) == report.Document, $"{name} has the SHA-256 that the ledger records");
        tour.Say($"{what}: {bytes.Length} bytes, {report.Document.Abbreviated}, ledger entry {report.LedgerIndex}.");
        tour.Remember(facts => facts with { Artefacts = [.. facts.Artefacts.Where(a => a.What != what), new Artefact(what, path, bytes.Length, report.Document)] });
    }
}
