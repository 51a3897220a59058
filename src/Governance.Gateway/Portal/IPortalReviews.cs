using Governance.Client.Contracts;
using Governance.Core.Decisions;
using Governance.Core.Identity;

namespace Governance.Gateway.Portal;

/// <summary>What the review pages read and do: the same records, and the same desk, as the API. Thread-safe.</summary>
public interface IPortalReviews
{
    /// <summary>Whether the caller sees the queue.</summary>
    bool MaySee(Caller caller);

    /// <summary>Decisions that wait, longest first.</summary>
    ValueTask<Page<ReviewDetails>> ListAsync(string? pageToken, CancellationToken cancellationToken);

    /// <summary>A review, with what the decision rests on for who has it: that reading is recorded. Null when there is none.</summary>
    ValueTask<ReviewDetails?> FindAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <returns>Null when done.</returns>
    ValueTask<Refusal?> ClaimAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <returns>Null when done.</returns>
    ValueTask<Refusal?> ReleaseAsync(Caller caller, long id, CancellationToken cancellationToken);

    /// <param name="outcome"><c>confirmed</c> or <c>overridden</c>.</param>
    /// <returns>Null when done.</returns>
    ValueTask<Refusal?> DecideAsync(Caller caller, long id, string outcome, string reason, CancellationToken cancellationToken);
}
