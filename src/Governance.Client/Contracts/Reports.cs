using Governance.Core;

namespace Governance.Client.Contracts;

public enum ReportKind
{
    /// <summary>Validation report of a version: give <c>modelId</c> and <c>version</c>.</summary>
    Validation,

    /// <summary>Certificate of an executed erasure: give <c>erasureId</c>.</summary>
    Erasure,
}

public sealed record CreateReportRequest(ReportKind Kind, string? ModelId = null, int? Version = null, string? ErasureId = null);

/// <param name="Document">Digest of the PDF; fetch it with <c>GET /api/v1/reports/{id}</c>.</param>
public sealed record ReportDetails(string Id, ReportKind Kind, string About, Digest Document, string IssuedBy, DateTimeOffset IssuedAt, long LedgerIndex);
