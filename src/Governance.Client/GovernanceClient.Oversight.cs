using Governance.Client.Contracts;
using Governance.Client.Transport;
using Governance.Core.Oversight;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    public Task<FindingDetails> RaiseFindingAsync(RaiseFindingRequest finding, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<FindingDetails>(Call.Command("api/v1/findings", idempotencyKey, Bodies.Json(finding)), cancellationToken);

    /// <summary>Findings in the order they were raised.</summary>
    public Task<Page<FindingDetails>> ListFindingsAsync(WorkFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<FindingDetails>>(Call.Get(Filtered("api/v1/findings", filter, page)), cancellationToken);

    public Task<FindingDetails> GetFindingAsync(string findingId, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<FindingDetails>(Call.Get(Finding(findingId)), cancellationToken);

    public Task<FindingDetails> AnswerFindingAsync(string findingId, AnswerFindingRequest answer, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<FindingDetails>(Call.Command(Finding(findingId) + "/answers", idempotencyKey, Bodies.Json(answer)), cancellationToken);

    public Task<FindingDetails> CloseFindingAsync(string findingId, CloseFindingRequest closure, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<FindingDetails>(Call.Command(Finding(findingId) + "/closure", idempotencyKey, Bodies.Json(closure)), cancellationToken);

    public Task<FindingDetails> ReopenFindingAsync(string findingId, ReopenFindingRequest reopening, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<FindingDetails>(Call.Command(Finding(findingId) + "/reopening", idempotencyKey, Bodies.Json(reopening)), cancellationToken);

    public Task<WaiverDetails> RequestWaiverAsync(RequestWaiverRequest waiver, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<WaiverDetails>(Call.Command("api/v1/waivers", idempotencyKey, Bodies.Json(waiver)), cancellationToken);

    /// <summary>Waivers in the order they were requested.</summary>
    public Task<Page<WaiverDetails>> ListWaiversAsync(WorkFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<WaiverDetails>>(Call.Get(Filtered("api/v1/waivers", filter, page)), cancellationToken);

    public Task<WaiverDetails> GetWaiverAsync(string waiverId, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<WaiverDetails>(Call.Get(Waiver(waiverId)), cancellationToken);

    public Task<WaiverDetails> ApproveWaiverAsync(string waiverId, ApproveWaiverRequest approval, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<WaiverDetails>(Call.Command(Waiver(waiverId) + "/approvals", idempotencyKey, Bodies.Json(approval)), cancellationToken);

    public Task<WaiverDetails> DenyWaiverAsync(string waiverId, DenyWaiverRequest denial, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<WaiverDetails>(Call.Command(Waiver(waiverId) + "/denial", idempotencyKey, Bodies.Json(denial)), cancellationToken);

    public Task<WaiverDetails> RevokeWaiverAsync(string waiverId, string reason, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<WaiverDetails>(Call.Command(Waiver(waiverId) + "/revocation", idempotencyKey, Bodies.Json(new RevokeWaiverRequest(reason))), cancellationToken);

    /// <returns>The new waiver, which needs its own approvals.</returns>
    public Task<WaiverDetails> RenewWaiverAsync(string waiverId, RenewWaiverRequest renewal, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<WaiverDetails>(Call.Command(Waiver(waiverId) + "/renewals", idempotencyKey, Bodies.Json(renewal)), cancellationToken);

    public Task<WaiverDetails> ReviewWaiverAsync(string waiverId, ReviewWaiverRequest review, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<WaiverDetails>(Call.Command(Waiver(waiverId) + "/review", idempotencyKey, Bodies.Json(review)), cancellationToken);

    /// <summary>What somebody has to look at now, most urgent first.</summary>
    public Task<Page<Alert>> ListAlertsAsync(CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<Alert>>(Call.Get("api/v1/alerts"), cancellationToken);

    public Task<ModelDetails> AddDeveloperAsync(string modelId, string person, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ModelDetails>(
            Call.Command(Model(modelId) + "/developers", idempotencyKey, Bodies.Json(new AddDeveloperRequest(person))), cancellationToken);

    private static string Filtered(string path, WorkFilter filter, PageRequest page) => Query.Page(
        path, page, ("modelId", filter.ModelId), ("version", filter.Version?.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("status", filter.Status));

    private static string Finding(string findingId) => "api/v1/findings/" + Segment(findingId);

    private static string Waiver(string waiverId) => "api/v1/waivers/" + Segment(waiverId);
}
