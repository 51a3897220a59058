using Governance.Client.Contracts;
using Governance.Client.Transport;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    public Task<ReportDetails> CreateReportAsync(CreateReportRequest report, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ReportDetails>(
            Call.Command("api/v1/reports", idempotencyKey, Bodies.Json(report)) with { Long = true }, cancellationToken);

    /// <summary>Writes the PDF to a stream.</summary>
    /// <returns>Its length in bytes.</returns>
    public Task<long> DownloadReportAsync(string reportId, Stream destination, CancellationToken cancellationToken) =>
        sender.CopyAsync(
            Call.Get("api/v1/reports/" + Segment(reportId)) with { Accept = "application/pdf", Long = true }, destination, cancellationToken);
}
