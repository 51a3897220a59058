using Governance.Core.Decisions;
using Governance.Serving.Upstreams;

namespace Governance.Gateway.Inference;

/// <summary>The upstreams this gateway was configured with. Owns their connections.</summary>
public sealed class UpstreamNames(IReadOnlyDictionary<string, UpstreamServer> servers) : IDisposable
{
    public IReadOnlyDictionary<string, UpstreamServer> Servers => servers;

    /// <summary>Why a route cannot name this upstream; null when it can.</summary>
    public Refusal? Lacks(string? name) => name is null || servers.ContainsKey(name)
        ? null
        : Refusal.Invalid("upstream-unknown", "There is no such upstream. An operator configures upstreams: Gateway:Upstreams.");

    public void Dispose()
    {
        foreach (var server in servers.Values)
        {
            server.Dispose();
        }
    }
}
