using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.State;
using Governance.Gateway.Identity;
using Governance.Gateway.Policy;
using Governance.Gateway.Reporting;
using Governance.Reports;
using Governance.Reports.Documents;
using Governance.Reports.Pdf;
using Governance.Storage;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/reports</c>: PDF reports, made once, kept by digest, recorded in the ledger.</summary>
internal static class ReportEndpoints
{
    public static void MapReports(this RouteGroupBuilder api)
    {
        api.MapPost("/reports", CreateAsync).WithName("CreateReport").WithSummary("Make a PDF report").Produces<ReportDetails>(201);
        api.MapGet("/reports", List).WithName("ListReports").WithSummary("Reports made").Produces<Page<ReportDetails>>();
        api.MapGet("/reports/{id}", Get).WithName("GetReport").WithSummary("The PDF").Produces<byte[]>(contentType: "application/pdf");
    }

    private static async Task<IResult> CreateAsync(
        CreateReportRequest request, HttpContext http, CommandPath path, ReportInputs inputs, ReportLibrary library, IPdfRenderer pdf,
        ArtifactStore artifacts, TimeProvider time)
    {
        var reportId = "R-" + Guid.CreateVersion7().ToString("n");
        var state = path.Governor.State;
        var (document, attachments, about, refusal) = Compose(request, reportId, http, state, inputs, library, artifacts, time.GetUtcNow());
        if (refusal is not null)
        {
            return Problems.Result(refusal);
        }

        Digest digest;
        try
        {
            await using var content = await pdf.RenderAsync(new PdfRequest(document!) { Attachments = attachments }, http.RequestAborted);
            digest = await artifacts.PutAsync(content, PdfLimits.MaximumOutputBytes, http.RequestAborted);
        }
        catch (Exception e) when (e is PdfUnavailableException or PdfFailedException)
        {
            return Problems.Result(StatusCodes.Status503ServiceUnavailable, "pdf-unavailable", e.Message);
        }

        var command = new IssueReport(reportId, request.Kind.ToString().ToLowerInvariant(), about!, digest);
        return await path.AnswerAsync(http, command, request, events =>
        {
            var issued = events.Single(e => e.Event is ReportIssued);
            return Answers.Created($"/api/v1/reports/{((ReportIssued)issued.Event).ReportId}", Details(issued));
        });
    }

    private static (ReportDocument? Document, IReadOnlyList<PdfAttachment> Attachments, string? About, Refusal? Refusal) Compose(
        CreateReportRequest request, string reportId, HttpContext http, GovernanceState state, ReportInputs inputs, ReportLibrary library,
        ArtifactStore artifacts, DateTimeOffset now)
    {
        var caller = http.GetCaller();
        switch (request)
        {
            case { Kind: ReportKind.Validation, ModelId: { } modelId, Version: { } number }:
                if (state.Version(modelId, number) is not { } version)
                {
                    return (null, [], null, Refusal.NotFound("version-unknown", "There is no such version."));
                }

                var input = inputs.Validation(state, version, reportId, caller, now);
                var envelopes = input.Evidence.Select((e, i) => new PdfAttachment($"E{i + 1}.json", artifacts.Read(e.Digest)!)).ToList();
                return (library.Validation(input), envelopes, "model/" + modelId, null);
            case { Kind: ReportKind.Erasure, ErasureId: { } erasureId }:
                return state.Erasures.GetValueOrDefault(erasureId) switch
                {
                    null => (null, [], null, Refusal.NotFound("erasure-unknown", "There is no such erasure request.")),
                    { Executed: null } => (null, [], null, Refusal.Conflict("erasure-not-executed", "A certificate is issued when the erasure has been executed.")),
                    var erasure => (library.Erasure(inputs.Erasure(state, erasure, reportId, caller, now)), [], "erasure/" + erasureId, null),
                };
            default:
                return (null, [], null, Refusal.Invalid("invalid-report", "Give modelId and version for a validation report, erasureId for an erasure certificate."));
        }
    }

    private static IResult List(int? pageSize, string? pageToken, CommandPath path) => Answers.Ok(Paging.Of(pageSize, pageToken).Take(
        path.Governor.State.Reports.OrderBy(p => p.Key, StringComparer.Ordinal), Details));

    private static IResult Get(string id, CommandPath path, ArtifactStore artifacts)
    {
        if (!path.Governor.State.Reports.TryGetValue(id, out var issued) || artifacts.Read(((ReportIssued)issued.Event).Document) is not { } pdf)
        {
            return Problems.Result(StatusCodes.Status404NotFound, "report-unknown", "There is no such report.");
        }

        return Results.Bytes(pdf, "application/pdf", id + ".pdf");
    }

    private static ReportDetails Details(RecordedEvent recorded)
    {
        var issued = (ReportIssued)recorded.Event;
        return new ReportDetails(
            issued.ReportId, Enum.Parse<ReportKind>(issued.Kind, ignoreCase: true), issued.About, issued.Document, recorded.Actor, recorded.Time, recorded.Position);
    }
}
