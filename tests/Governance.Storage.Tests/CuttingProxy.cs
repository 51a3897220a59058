using System.Net;
using System.Net.Sockets;

namespace Governance.Storage.Tests;

/// <summary>Stands between a client and PostgreSQL and, when told to, breaks the connection at the next COMMIT: before or after the server has it.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int server;
    private readonly bool forward;
    private int armed;

    public CuttingProxy(int server, bool forward)
    {
        (this.server, this.forward) = (server, forward);
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public bool HasCut { get; private set; }

    public void CutNextCommit() => Interlocked.Exchange(ref armed, 1);

    public void Dispose() => listener.Dispose();

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
            await to.ConnectAsync(IPAddress.Loopback, server);
            var answers = to.GetStream().CopyToAsync(from.GetStream());
            var buffer = new byte[65536];
            for (int read; (read = await from.GetStream().ReadAsync(buffer)) > 0;)
            {
                var cut = buffer.AsSpan(0, read).IndexOf("COMMIT\0"u8) >= 0 && Interlocked.Exchange(ref armed, 0) == 1;
                if (cut)
                {
                    HasCut = true;
                    from.Close();
                }

                if (!cut || forward)
                {
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
                }

                if (cut)
                {
                    // Let the server read and do what it was sent before the connection goes.
                    to.Client.Shutdown(SocketShutdown.Send);
                    await answers.ContinueWith(_ => { }, TaskScheduler.Default);
                    await to.GetStream().CopyToAsync(Stream.Null);
                    return;
                }
            }

            to.Client.Shutdown(SocketShutdown.Send);
            await answers;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side went away.
        }
    }
}
