using System.Net;
using System.Net.Sockets;

namespace Governance.Testing;

/// <summary>A TCP port that leads to another of this machine; what happens on the way is its kinds' own. It begins with <see cref="Start"/>. Thread-safe.</summary>
public abstract class LoopbackProxy(int target) : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public virtual void Dispose()
    {
        listener.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Start()
    {
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Carries one connection. Both ends are closed when it returns.</summary>
    /// <param name="to">Not connected yet.</param>
    protected abstract Task RelayAsync(TcpClient from, TcpClient to);

    protected Task ConnectAsync(TcpClient to) => to.ConnectAsync(IPAddress.Loopback, target);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var from = client;
        using var to = new TcpClient();
        try
        {
            await RelayAsync(from, to);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side went away.
        }
    }
}
