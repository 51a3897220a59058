namespace Governance.Serving.Requests;

/// <summary>Among nodes that share a governance log: which of them answers, or has answered, the request of an id. Thread-safe.</summary>
public interface IRequestReservations
{
    /// <summary>What names of requests are hashed with, the same on all nodes.</summary>
    ReadOnlyMemory<byte> NameKey { get; }

    /// <summary>Makes a request this node's, unless it is another's. Within a bounded time.</summary>
    /// <param name="name">As of <see cref="RequestIdentity.Name"/>.</param>
    ValueTask<RequestReservation> ReserveAsync(UInt128 name, CancellationToken cancellationToken);

    /// <summary>Gives free what was not answered. Within a bounded time; what fails is not told: the request stays this node's, which may answer it still.</summary>
    ValueTask FreeAsync(UInt128 name, Guid ticket);
}

/// <summary>The request is this node's, by a ticket; or why it is not to answer. Immutable.</summary>
public readonly record struct RequestReservation(Guid Ticket, InferenceOutcome? Otherwise);
