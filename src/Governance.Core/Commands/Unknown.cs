using Governance.Core.Decisions;

namespace Governance.Core.Commands;

/// <summary>The refusals for things that do not exist: one wording each.</summary>
internal static class Unknown
{
    public static Refusal Model(string id) => Refusal.NotFound("model-unknown", $"There is no model '{id}'. List them with GET /api/v1/models.");

    public static Refusal Version(string modelId, int number) =>
        Refusal.NotFound("version-unknown", $"Model '{modelId}' has no version {number}. List them with GET /api/v1/models/{modelId}.");

    public static Refusal Dataset(string id) => Refusal.NotFound("dataset-unknown", $"There is no dataset '{id}'. Register it with POST /api/v1/datasets.");

    public static Refusal Proposal(string id) => Refusal.NotFound("proposal-unknown", $"There is no policy proposal '{id}'. List them with GET /api/v1/policy/proposals.");

    public static Refusal Erasure(string id) => Refusal.NotFound("erasure-unknown", $"There is no erasure request '{id}'.");
}
