using Governance.Gateway.Hosting;
using Governance.Gateway.Identity;
using Governance.Storage.Database.Requests;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Inference.Nodes;

/// <summary>Tells the other gateways, at start, where this one is reached; and refuses a start with which a request would be answered twice.</summary>
internal sealed class NodeRegistration(RequestTable table, InstallationSecret secret, GovernanceLogs logs, IOptions<GatewayOptions> options)
{
    /// <exception cref="StartupRefusedException">Another node has this one's name, or the others have another secret.</exception>
    /// <exception cref="Ledger.LedgerUnavailableException">The database does not answer.</exception>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var (name, address) = (options.Value.Replica!, options.Value.NodeAddress);
        var keys = logs.Inference.Log.Verifiers.Select(k => k.ToString()).ToList();
        foreach (var node in await table.NodesAsync(cancellationToken))
        {
            if (!secret.Proves(node))
            {
                throw new StartupRefusedException(
                    $"The gateway '{node.Name}' has another keys/evidence.pem than this one. Copy its file here. If '{node.Name}' is no more, delete its row from request.nodes.");
            }

            if (node.Name == name && !keys.Contains(node.Log))
            {
                throw new StartupRefusedException(
                    $"A gateway named '{name}' has another inference log than this one. Give each data folder a Gateway:Replica of its own; a new folder never takes an old one's name.");
            }
        }

        await table.RegisterAsync(secret.Prove(name, keys[^1], address?.AbsoluteUri), cancellationToken);
    }
}
