using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Governance.Client.Contracts;
using Governance.Client.Transport;
using Governance.Core;
using Governance.Core.Gates;
using Governance.Core.Inventory;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    private const string Proposals = "api/v1/policy/proposals";

    public Task<PolicyDetails> GetPolicyAsync(CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<PolicyDetails>(Call.Get("api/v1/policy"), cancellationToken);

    public Task<Page<PolicyReleaseDetails>> ListPolicyReleasesAsync(PageRequest page, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<PolicyReleaseDetails>>(Call.Get(Query.Page("api/v1/policy/releases", page)), cancellationToken);

    /// <summary>The files of a release or proposal.</summary>
    public Task<PolicyFiles> GetPolicyArchiveAsync(Digest archive, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<PolicyFiles>(Call.Get("api/v1/policy/archives/" + Segment(archive.ToString())), cancellationToken);

    /// <summary>What a pack would change: steps as they are made; the last holds the report. Breaks off when the connection does.</summary>
    public async IAsyncEnumerable<DryRunStep> DryRunPolicyAsync(PolicyFiles pack, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new Call(HttpMethod.Post, "api/v1/policy/dry-runs") { Content = Bodies.Json(pack), Accept = "text/event-stream", Repeatable = true, Long = true };
        using var response = await sender.OpenAsync(call, cancellationToken);
        var parser = SseParser.Create(
            await response.Content.ReadAsStreamAsync(cancellationToken), static (_, data) => JsonSerializer.Deserialize<DryRunStep>(data, ClientJson.Reading));
        await using var steps = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await AdvanceAsync(steps))
        {
            if (steps.Current.Data is { } step)
            {
                yield return step;
            }
        }
    }

    public Task<ProposalDetails> ProposePolicyAsync(ProposePolicyRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ProposalDetails>(Call.Command(Proposals, idempotencyKey, Bodies.Json(request)) with { Long = true }, cancellationToken);

    public Task<Page<ProposalDetails>> ListPolicyProposalsAsync(PageRequest page, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<Page<ProposalDetails>>(Call.Get(Query.Page(Proposals, page)), cancellationToken);

    public Task<ProposalDetails> GetPolicyProposalAsync(string id, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ProposalDetails>(Call.Get($"{Proposals}/{Segment(id)}"), cancellationToken);

    public Task<ProposalDetails> ApprovePolicyAsync(string id, ApprovePolicyRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ProposalDetails>(Call.Command($"{Proposals}/{Segment(id)}/approval", idempotencyKey, Bodies.Json(request)), cancellationToken);

    public Task<ProposalDetails> WithdrawPolicyAsync(string id, WithdrawPolicyRequest request, string? idempotencyKey, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ProposalDetails>(Call.Command($"{Proposals}/{Segment(id)}/withdrawal", idempotencyKey, Bodies.Json(request)), cancellationToken);

    public Task<GateDecisionDetails> GetGateDecisionAsync(long index, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<GateDecisionDetails>(Call.Get(GateDecision(index)), cancellationToken);

    /// <summary>The gateway computes a recorded decision again.</summary>
    public Task<ReplayVerdict> ReplayGateDecisionAsync(long index, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<ReplayVerdict>(Call.Get(GateDecision(index) + "/replay"), cancellationToken);

    /// <summary>What a gate would say about a version now; nothing is recorded.</summary>
    /// <param name="gate">One of <see cref="GateNames"/>, but not <c>serve</c>.</param>
    public Task<GateDecision> EvaluateGateAsync(string modelId, int version, string gate, PromotionTarget? target, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<GateDecision>(
            Call.Get(Query.With(Version(modelId, version) + "/gate", ("gate", gate), ("target", target?.ToString().ToLowerInvariant()))), cancellationToken);

    private static string GateDecision(long index) => "api/v1/gate-decisions/" + index.ToString(CultureInfo.InvariantCulture);
}
