using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Governance.Gateway.Inference.Protection;

/// <summary>The limits the server keeps below HTTP requests: connections, headers, and clients that send or take too slowly.</summary>
internal static class KestrelProtection
{
    public static void Protect(this KestrelServerLimits limits, ProtectionOptions options)
    {
        var slowest = new MinDataRate(options.SlowestBytesPerSecond, options.SlowGrace);
        limits.MaxConcurrentConnections = options.Connections;
        limits.RequestHeadersTimeout = options.HeadersTimeout;
        limits.MinRequestBodyDataRate = slowest;
        limits.MinResponseDataRate = slowest;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestHeadersTotalSize = 32 << 10;
        limits.MaxRequestLineSize = 8 << 10;
    }
}
