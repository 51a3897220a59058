using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Governance.Testing;

/// <summary>A proxy that can be severed: then its connections break and new ones are closed at once. Thread-safe.</summary>
public sealed class SeverableProxy : LoopbackProxy
{
    private readonly ConcurrentDictionary<TcpClient, bool> connected = new();
    private volatile bool isSevered;

    public SeverableProxy(int target)
        : base(target) => Start();

    public void Sever()
    {
        isSevered = true;
        foreach (var client in connected.Keys)
        {
            client.Dispose();
        }
    }

    public void Restore() => isSevered = false;

    public override void Dispose()
    {
        Sever();
        base.Dispose();
    }

    protected override async Task RelayAsync(TcpClient from, TcpClient to)
    {
        connected.TryAdd(from, true);
        try
        {
            if (!isSevered)
            {
                await ConnectAsync(to);
                await Task.WhenAny(from.GetStream().CopyToAsync(to.GetStream()), to.GetStream().CopyToAsync(from.GetStream()));
            }
        }
        finally
        {
            connected.TryRemove(from, out _);
        }
    }
}
