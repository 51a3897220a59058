using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Identity;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Gateway.Inference;
using Governance.Ledger;
using Governance.Serving.Recording;
using Governance.Serving.Reviews;

namespace Governance.Gateway.Api;

/// <summary>
/// <c>/api/v1/decisions</c>: what was answered, by what, by whose leave, and what a person made of it. The application that asked sees what it may know; the
/// personal part is for those who may read it, and their reading is recorded first.
/// </summary>
internal static class DecisionEndpoints
{
    private static readonly Role[] Readers = [Role.Validator, Role.Compliance, Role.Dpo, Role.Auditor];
    private static readonly Role[] PayloadReaders = [Role.Compliance, Role.Dpo];

    public static void MapDecisions(this RouteGroupBuilder api) =>
        api.MapGet("/decisions/{index:long}", GetAsync).WithName("GetDecision").WithSummary("A recorded decision, its ground, its review and its proof").Produces<DecisionDetails>();

    public static JsonObject Json(InferencePayload payload) => JsonNode.Parse(GovernanceJson.Serialize(payload))!.AsObject();

    private static async Task<IResult> GetAsync(long index, HttpContext http, GovernanceLogs logs, DecisionArchive archive, ReviewDesk desk, DecisionGrounds grounds)
    {
        var caller = http.GetCaller();
        var log = logs.Inference.Log;
        var entry = index >= 0 && index < log.Reader.Size ? archive.Entry(index) : null;
        if (!Readers.Any(caller.Is))
        {
            // Another application's decision looks like none.
            return !caller.Is(Role.Client) ? Problems.Result(StatusCodes.Status403Forbidden, "role-required", "Validators, compliance, the DPO and auditors read recorded decisions, and applications their own.")
                : entry?.Client == caller.Subject && entry.Type != InferenceEntry.ShadowEntryType ? Answers.Ok(Told(index, entry, log, archive, desk))
                : Unknown();
        }

        if (entry is null)
        {
            return Unknown();
        }

        var details = Facts(index, entry, log, desk, archive) with { Ground = await grounds.OfAsync(entry, http.RequestAborted) };
        if (Array.Find(PayloadReaders, caller.Is) is var role && !caller.Is(role))
        {
            return Answers.Ok(details);
        }

        var (state, payload, partly) = await desk.ReadAsync(index, entry, caller, role, http.RequestAborted);
        var outcome = desk.Outcome(index);
        return Answers.Ok(details with
        {
            PayloadStatus = partly ? "partly-erased" : state.ToString().ToLowerInvariant(),
            Payload = payload is null ? null : Json(payload),
            Decision = outcome?.Decision ?? payload?.Decision,
            Review = details.Review is null ? null : details.Review with { Reason = outcome?.Reason },
        });
    }

    /// <summary>For the application that asked: what it was told, and what a person decided since.</summary>
    private static DecisionDetails Told(long index, InferenceEntry entry, LedgerLog log, DecisionArchive archive, ReviewDesk desk)
    {
        var details = Facts(index, entry, log, desk, archive);
        var decided = desk.Outcome(index)?.Decision;
        return details with { Decision = decided ?? (entry.Status == InferenceEntry.Withheld ? null : archive.Payload(entry).Payload?.Decision) };
    }

    private static DecisionDetails Facts(long index, InferenceEntry entry, LedgerLog log, ReviewDesk desk, DecisionArchive archive)
    {
        // A receipt is asked for soon after the answer: sign a checkpoint that covers it rather than leave it out.
        log.PublishCheckpoint();
        return new DecisionDetails(
            GovernanceLogs.InferenceName, index, entry.Time, entry.Route, entry.Version, entry.Client, entry.Status, entry.Promotion, "withheld", null)
        {
            Model = entry.Model,
            LeafHash = MerkleTree.LeafHash(log.Reader.Read(index)).ToString(),
            Proof = log.Reader.Receipt(index)?.ToString(),
            Review = entry.Review is null ? null : Review(index, desk, archive),
        };
    }

    private static DecisionReview Review(long index, ReviewDesk desk, DecisionArchive archive)
    {
        if (desk.Book.EndOf(index) is { } at)
        {
            var end = archive.Review(at);
            return new DecisionReview(ReviewRoom.Word(end.Act), end.Person, end.Time, at, null);
        }

        var holder = desk.Holder(index);
        return new DecisionReview(holder is null ? InferenceEntry.ReviewPending : ReviewRoom.Word(ReviewAct.Claimed), holder, null, null, null);
    }

    private static IResult Unknown() => Problems.Result(StatusCodes.Status404NotFound, "decision-unknown", "The inference log has no such decision.");
}
