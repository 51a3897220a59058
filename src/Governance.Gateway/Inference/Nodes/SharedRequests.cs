using System.Buffers.Binary;
using Governance.Gateway.Hosting;
using Governance.Ledger;
using Governance.Serving;
using Governance.Serving.Requests;
using Governance.Storage.Database.Requests;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Inference.Nodes;

/// <summary>Reserves requests in the database that the gateways share. Who cannot ask it answers no request that carries an id. Thread-safe.</summary>
internal sealed partial class SharedRequests(
    RequestTable table, InstallationSecret secret, RequestMemoryOptions memory, IOptions<GatewayOptions> options, ILogger<SharedRequests> log) : IRequestReservations
{
    public const string UnavailableCode = "request-ids-unavailable";

    /// <summary>Reservations outlast what the node itself remembers, whatever its clock says.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly RequestReservation Unavailable = new(default, new InferenceOutcome.Failed(
        StatusCodes.Status503ServiceUnavailable, UnavailableCode,
        "The database in which gateways agree on request ids does not answer, so a request with an id might be answered twice. Try again shortly; if it lasts, an operator must look at the database."));

    private int failing;
    private int probing;

    public ReadOnlyMemory<byte> NameKey => secret.RequestNames;

    public ValueTask<RequestReservation> ReserveAsync(UInt128 name, CancellationToken cancellationToken) =>
        Volatile.Read(ref failing) == 0 ? AskAsync(name, cancellationToken)
        : Interlocked.Exchange(ref probing, 1) == 0 ? ProbeAsync(name, cancellationToken)
        : new(Unavailable);

    public async ValueTask FreeAsync(UInt128 name, Guid ticket)
    {
        try
        {
            await table.FreeAsync(Bytes(name), ticket, CancellationToken.None).WaitAsync(Patience);
        }
        catch (Exception e) when (e is LedgerUnavailableException or TimeoutException)
        {
            NotFreed(e);
        }
    }

    /// <summary>While the database does not answer one request at a time waits for it: all of them would take the turns of those that need it not.</summary>
    private async ValueTask<RequestReservation> ProbeAsync(UInt128 name, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(name, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref probing, 0);
        }
    }

    private async ValueTask<RequestReservation> AskAsync(UInt128 name, CancellationToken cancellationToken)
    {
        var ticket = Guid.NewGuid();
        try
        {
            // What comes too late makes the request this node's, which does no harm.
            var holder = await table.TakeAsync(Bytes(name), options.Value.Replica!, ticket, memory.Window + Slack, cancellationToken).WaitAsync(Patience, cancellationToken);
            if (Interlocked.Exchange(ref failing, 0) == 1)
            {
                Reserving();
            }

            return holder is null ? new RequestReservation(ticket, null) : new RequestReservation(default, Elsewhere(holder));
        }
        catch (Exception e) when (e is LedgerUnavailableException or TimeoutException)
        {
            if (Interlocked.Exchange(ref failing, 1) == 0)
            {
                NotReserving(e);
            }

            return Unavailable;
        }
    }

    private InferenceOutcome.Elsewhere Elsewhere(StoredNode holder)
    {
        if (holder.Address is null || secret.Proves(holder))
        {
            return new InferenceOutcome.Elsewhere(holder.Name, holder.Address is { } address ? new Uri(address) : null);
        }

        NotProven(holder.Name);
        return new InferenceOutcome.Elsewhere(holder.Name, null);
    }

    private static byte[] Bytes(UInt128 name)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, name);
        return bytes;
    }

    [LoggerMessage(1, LogLevel.Error, "The database does not answer: requests that carry an id are refused")]
    private partial void NotReserving(Exception exception);

    [LoggerMessage(2, LogLevel.Information, "The database answers: requests that carry an id are answered again")]
    private partial void Reserving();

    [LoggerMessage(3, LogLevel.Warning, "A request that was not answered stays this gateway's until its time is over")]
    private partial void NotFreed(Exception exception);

    [LoggerMessage(4, LogLevel.Error, "The row of the gateway {Node} in request.nodes was not written by a gateway of this installation: no request is passed on to its address")]
    private partial void NotProven(string node);
}
