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

    public static Refusal Finding(string id) => Refusal.NotFound("finding-unknown", $"There is no finding '{Shown(id)}'. List them with GET /api/v1/findings.");

    public static Refusal Waiver(string id) => Refusal.NotFound("waiver-unknown", $"There is no waiver '{Shown(id)}'. List them with GET /api/v1/waivers.");

    private static string Shown(string id) => id.Length <= 80 ? id : id[..80] + "…";
}
