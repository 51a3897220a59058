using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Gateway.Portal;

/// <summary>
/// What the pages' forms do: each enters the one decide-append path that the API enters. A null answer means done; a refusal is shown to the
/// caller as it is. <c>requestId</c> is the form's idempotency key: sending the form twice does it once.
/// </summary>
public interface IPortalActions
{
    /// <param name="binding">What the caller was shown and signs.</param>
    ValueTask<Refusal?> SignOffAsync(
        Caller caller, string modelId, int version, Role role, SignOffMeaning meaning, string comment, Digest binding, string requestId, CancellationToken cancellationToken);

    /// <summary>Starts the standard checks; returns when the run is recorded as started, not when it ends.</summary>
    ValueTask<Refusal?> RunChecksAsync(Caller caller, string modelId, int version, string requestId, CancellationToken cancellationToken);

    /// <summary>Executes a command about a finding or a waiver.</summary>
    ValueTask<PortalOutcome> DoAsync(Caller caller, Command command, string requestId, CancellationToken cancellationToken);

    ValueTask<Refusal?> PromoteAsync(Caller caller, string modelId, int version, string requestId, CancellationToken cancellationToken);

    /// <summary>Recomputes the governance log from its entries. Reads only.</summary>
    ValueTask<VerificationDetails> VerifyLedgerAsync(CancellationToken cancellationToken);
}

/// <summary>What became of a form.</summary>
/// <param name="Refusal">Null when it was done.</param>
/// <param name="Id">The finding or waiver that was made; null when none was.</param>
public sealed record PortalOutcome(Refusal? Refusal, string? Id = null);
