using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Governance.Testing;

/// <summary>A TCP port that leads to another of this machine, until it is severed: then its connections break and new ones are closed at once. Thread-safe.</summary>
public sealed class SeverableProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> connected = new();
    private readonly int target;
    private volatile bool isSevered;

    public SeverableProxy(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Sever()
    {
        isSevered = true;
        foreach (var client in connected.Keys)
        {
            client.Dispose();
        }
    }

    public void Restore() => isSevered = false;

    public void Dispose()
    {
        Sever();
        listener.Dispose();
    }

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
        connected.TryAdd(client, true);
        try
        {
            if (!isSevered)
            {
                await to.ConnectAsync(IPAddress.Loopback, target);
                await Task.WhenAny(from.GetStream().CopyToAsync(to.GetStream()), to.GetStream().CopyToAsync(from.GetStream()));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side went away.
        }
        finally
        {
            connected.TryRemove(client, out _);
        }
    }
}
