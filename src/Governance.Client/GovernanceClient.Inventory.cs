using Governance.Client.Contracts;
using Governance.Client.Transport;
using Governance.Core.Gates;
using Governance.Core.Inventory;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    public Task<ModelDetails> RegisterModelAsync(ModelRegistration model, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ModelDetails>(Call.Command("api/v1/models", idempotencyKey, Bodies.Json(model)), cancellationToken);

    /// <param name="asOf">The inventory as it stood then; null for now.</param>
    public Task<Page<ModelSummary>> ListModelsAsync(PageRequest page, DateTimeOffset? asOf, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<ModelSummary>>(Call.Get(Query.Page("api/v1/models", page, ("asOf", Query.Instant(asOf)))), cancellationToken);

    public Task<ModelDetails> GetModelAsync(string modelId, DateTimeOffset? asOf, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ModelDetails>(Call.Get(Query.With(Model(modelId), ("asOf", Query.Instant(asOf)))), cancellationToken);

    public Task<ModelDetails> ConfirmTierAsync(string modelId, Tier tier, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ModelDetails>(
            Call.Command(Model(modelId) + "/tier", idempotencyKey, Bodies.Json(new ConfirmTierRequest(tier))), cancellationToken);

    /// <param name="csvPath">Streamed; not held in memory.</param>
    public Task<DatasetDetails> RegisterDatasetAsync(
        RegisterDatasetRequest dataset, string csvPath, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<DatasetDetails>(
            Call.Command("api/v1/datasets", idempotencyKey, Bodies.Upload(dataset, csvPath, "text/csv")) with { Long = true }, cancellationToken);

    /// <summary>Registers a new dataset: the rows of a registered one, then those of the file.</summary>
    /// <param name="csvPath">Streamed; not held in memory.</param>
    public Task<DatasetDetails> AppendToDatasetAsync(
        string datasetId, AppendToDatasetRequest request, string csvPath, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<DatasetDetails>(
            Call.Command($"api/v1/datasets/{Segment(datasetId)}/parts", idempotencyKey, Bodies.Upload(request, csvPath, "text/csv")) with { Long = true }, cancellationToken);

    public Task<DatasetLineageDetails> GetDatasetLineageAsync(string datasetId, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<DatasetLineageDetails>(Call.Get($"api/v1/datasets/{Segment(datasetId)}/lineage"), cancellationToken);

    public Task<Page<DatasetDetails>> ListDatasetsAsync(PageRequest page, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<DatasetDetails>>(Call.Get(Query.Page("api/v1/datasets", page)), cancellationToken);

    public Task<DatasetDetails> GetDatasetAsync(string datasetId, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<DatasetDetails>(Call.Get("api/v1/datasets/" + Segment(datasetId)), cancellationToken);

    /// <param name="onnxPath">Streamed; not held in memory.</param>
    public Task<VersionDetails> SubmitVersionAsync(
        string modelId, SubmitVersionRequest version, string onnxPath, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<VersionDetails>(
            Call.Command(Model(modelId) + "/versions", idempotencyKey, Bodies.Upload(version, onnxPath, "application/octet-stream")) with { Long = true },
            cancellationToken);

    public Task<VersionDetails> GetVersionAsync(string modelId, int version, DateTimeOffset? asOf, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<VersionDetails>(Call.Get(Query.With(Version(modelId, version), ("asOf", Query.Instant(asOf)))), cancellationToken);

    /// <param name="path">Streamed; not held in memory.</param>
    public Task<VersionDetails> AttachDocumentAsync(
        string modelId, int version, AttachDocumentRequest document, string path, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<VersionDetails>(
            Call.Command(Version(modelId, version) + "/documents", idempotencyKey, Bodies.Upload(document, path, "application/octet-stream")) with { Long = true },
            cancellationToken);

    /// <summary>What the gate would say now; nothing is recorded.</summary>
    public Task<GateDecision> PreviewGateAsync(string modelId, int version, PromotionTarget target, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<GateDecision>(
            Call.Get(Query.With(Version(modelId, version) + "/gate", ("target", target.ToString().ToLowerInvariant()))), cancellationToken);

    public Task<VersionDetails> SignOffAsync(
        string modelId, int version, SignOffRequest signOff, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<VersionDetails>(
            Call.Command(Version(modelId, version) + "/sign-offs", idempotencyKey, Bodies.Json(signOff)), cancellationToken);

    /// <exception cref="GovernanceException">Code <c>gate-denied</c> or <c>gate-waiting</c>, with the decision in <see cref="Problem.Gate"/>.</exception>
    public Task<PromotionDetails> PromoteAsync(
        string modelId, int version, PromotionTarget target, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<PromotionDetails>(
            Call.Command(Version(modelId, version) + "/promotions", idempotencyKey, Bodies.Json(new PromoteRequest(target))), cancellationToken);

    public Task<VersionDetails> SuspendAsync(string modelId, int version, string reason, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<VersionDetails>(
            Call.Command(Version(modelId, version) + "/suspension", idempotencyKey, Bodies.Json(new SuspendRequest(reason))), cancellationToken);

    private static string Model(string modelId) => "api/v1/models/" + Segment(modelId);

    private static string Version(string modelId, int version) => FormattableString.Invariant($"{Model(modelId)}/versions/{version}");
}
