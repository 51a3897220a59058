using Governance.Client.Contracts;
using Governance.Client.Transport;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    public Task<ErasureDetails> RequestErasureAsync(RequestErasureRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ErasureDetails>(Call.Command("api/v1/erasures", idempotencyKey, Bodies.Json(request)), cancellationToken);

    public Task<Page<ErasureDetails>> ListErasuresAsync(PageRequest page, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<ErasureDetails>>(Call.Get(Query.Page("api/v1/erasures", page)), cancellationToken);

    public Task<ErasureDetails> GetErasureAsync(string erasureId, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ErasureDetails>(Call.Get(Erasure(erasureId)), cancellationToken);

    /// <param name="role"><c>owner</c> or <c>compliance</c>.</param>
    public Task<ErasureDetails> ApproveErasureAsync(string erasureId, string role, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ErasureDetails>(
            Call.Command(Erasure(erasureId) + "/approvals", idempotencyKey, Bodies.Json(new ApproveErasureRequest(role))), cancellationToken);

    /// <summary>Destroys the subject's keys and records. Cannot be undone.</summary>
    public Task<ErasureDetails> ExecuteErasureAsync(string erasureId, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ErasureDetails>(Call.Command(Erasure(erasureId) + "/execution", idempotencyKey) with { Long = true }, cancellationToken);

    private static string Erasure(string erasureId) => "api/v1/erasures/" + Segment(erasureId);
}
