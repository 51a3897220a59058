using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Identity;

namespace Governance.Gateway.Portal;

/// <summary>What the policy pages read and do: the same records, and the one decide-append path, of the API. Thread-safe.</summary>
public interface IPortalPolicies
{
    /// <summary>The pack in force and those scheduled.</summary>
    ValueTask<PolicyDetails> InForceAsync(CancellationToken cancellationToken);

    /// <summary>The latest proposals, latest first, without their dry runs.</summary>
    ValueTask<IReadOnlyList<ProposalDetails>> ProposalsAsync(CancellationToken cancellationToken);

    /// <summary>A proposal with its dry run; null when there is none.</summary>
    ValueTask<ProposalDetails?> ProposalAsync(string id, CancellationToken cancellationToken);

    /// <param name="archive">What the caller was shown and approves.</param>
    /// <returns>Null when done.</returns>
    ValueTask<Refusal?> ApproveAsync(Caller caller, string id, Digest archive, string comment, string requestId, CancellationToken cancellationToken);

    /// <returns>Null when done.</returns>
    ValueTask<Refusal?> WithdrawAsync(Caller caller, string id, string reason, string requestId, CancellationToken cancellationToken);
}
