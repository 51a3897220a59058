using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Governance.Testing;

public static class FreePort
{
    // Below the ports that systems give to outgoing connections: until a process that starts slowly listens, no client of a test takes it.
    private const int First = 15_000;
    private const int Last = 32_000;

    /// <summary>A loopback TCP port that was free a moment ago, chosen at random.</summary>
    public static int Find()
    {
        for (; ; )
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(First, Last));
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Another one, then.
            }
        }
    }
}
