using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Identity;
using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Ledger;
using Governance.Serving.Recording;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/decisions</c>: what was answered, by what, under which promotion; the personal part for those who may read it.</summary>
internal static class DecisionEndpoints
{
    private static readonly Role[] Readers = [Role.Validator, Role.Compliance, Role.Dpo, Role.Auditor];

    public static void MapDecisions(this RouteGroupBuilder api) =>
        api.MapGet("/decisions/{index:long}", Get).WithName("GetDecision").WithSummary("A recorded decision").Produces<DecisionDetails>();

    private static IResult Get(long index, HttpContext http, GovernanceLogs logs, PayloadStore payloads)
    {
        var caller = http.GetCaller();
        if (!Readers.Any(caller.Is))
        {
            return Problems.Result(StatusCodes.Status403Forbidden, "role-required", "Validators, compliance, the DPO and auditors read recorded decisions.");
        }

        var reader = logs.Inference.Log.Reader;
        if (index < 0 || index >= reader.Size)
        {
            return Problems.Result(StatusCodes.Status404NotFound, "decision-unknown", "The inference log has no such entry.");
        }

        InferenceEntry entry;
        try
        {
            entry = GovernanceJson.Deserialize<InferenceEntry>(reader.Read(index));
        }
        catch (JsonException)
        {
            return Problems.Result(StatusCodes.Status404NotFound, "decision-unknown", "This entry of the inference log is not a decision.");
        }

        var (status, payload) = caller.Is(Role.Compliance) || caller.Is(Role.Dpo) ? Open(entry, payloads) : ("withheld", null);
        return Answers.Ok(new DecisionDetails(
            GovernanceLogs.InferenceName, index, entry.Time, entry.Route, entry.Version, entry.Client, entry.Status, entry.Promotion, status, payload));
    }

    /// <summary>The payload, from the first person's section that opens. <c>partly-erased</c>: others of the same answer were erased.</summary>
    private static (string Status, JsonObject? Payload) Open(InferenceEntry entry, PayloadStore payloads)
    {
        var sections = entry.Sections;
        var opened = sections.Select((s, i) => Open(s, entry.AssociatedData(i, sections.Count), payloads)).ToList();
        var first = opened.Find(o => o.Payload is not null);
        return first.Payload is null ? opened[0]
            : opened.TrueForAll(o => o.Payload is not null) ? first
            : ("partly-erased", first.Payload);
    }

    private static (string Status, JsonObject? Payload) Open(SealedSection section, byte[] associatedData, PayloadStore payloads)
    {
        if (!KeyRef.TryParse(section.KeyRef, out var keyRef))
        {
            return ("corrupt", null);
        }

        var record = new SealedRecord(keyRef, Hash(section.CtHash), Hash(section.Commit));
        var opened = payloads.Open(record, associatedData);
        return (opened.State.ToString().ToLowerInvariant(), opened.State == PayloadState.Opened ? JsonNode.Parse(opened.Plaintext)!.AsObject() : null);
    }

    private static MerkleHash Hash(string hex) => new(Convert.FromHexString(hex));
}
