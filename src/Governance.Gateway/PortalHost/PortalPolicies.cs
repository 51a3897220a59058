using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Governance.Gateway.Policy;
using Governance.Gateway.Portal;

namespace Governance.Gateway.PortalHost;

/// <summary>The policy pages over the state and the path the API uses.</summary>
internal sealed class PortalPolicies(CommandPath path, PolicyProposals policies) : IPortalPolicies
{
    private const int Most = 50;

    public ValueTask<PolicyDetails> InForceAsync(CancellationToken cancellationToken) => ValueTask.FromResult(policies.InForce());

    public ValueTask<IReadOnlyList<ProposalDetails>> ProposalsAsync(CancellationToken cancellationToken)
    {
        var state = path.Governor.State;
        return ValueTask.FromResult<IReadOnlyList<ProposalDetails>>(
            [.. state.Policies.Proposals.Values.OrderByDescending(p => p.Position).Take(Most).Select(p => policies.Details(state, p, complete: false))]);
    }

    public ValueTask<ProposalDetails?> ProposalAsync(string id, CancellationToken cancellationToken)
    {
        var state = path.Governor.State;
        return ValueTask.FromResult(state.Policies.Proposals.TryGetValue(id, out var proposal) ? policies.Details(state, proposal, complete: true) : null);
    }

    public ValueTask<Refusal?> ApproveAsync(Caller caller, string id, Digest archive, string comment, string requestId, CancellationToken cancellationToken) =>
        ExecuteAsync(caller, new ApprovePolicy(id, archive, comment), requestId, cancellationToken);

    public ValueTask<Refusal?> WithdrawAsync(Caller caller, string id, string reason, string requestId, CancellationToken cancellationToken) =>
        ExecuteAsync(caller, new WithdrawPolicy(id, reason), requestId, cancellationToken);

    private async ValueTask<Refusal?> ExecuteAsync<TCommand>(Caller caller, TCommand command, string requestId, CancellationToken cancellationToken)
        where TCommand : Command =>
        (await path.ExecuteAsync(caller, command, new RequestKey(requestId, Digest.Of(GovernanceJson.Serialize(command))), cancellationToken) as CommandOutcome.Refused)?.Refusal;
}
