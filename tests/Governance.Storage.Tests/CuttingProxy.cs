using System.Net.Sockets;
using Governance.Testing;

namespace Governance.Storage.Tests;

/// <summary>Stands between a client and PostgreSQL and, when told to, breaks the connection at the next COMMIT: before or after the server has it.</summary>
internal sealed class CuttingProxy : LoopbackProxy
{
    private readonly bool forward;
    private int armed;

    public CuttingProxy(int server, bool forward)
        : base(server)
    {
        this.forward = forward;
        Start();
    }

    public bool HasCut { get; private set; }

    public void CutNextCommit() => Interlocked.Exchange(ref armed, 1);

    protected override async Task RelayAsync(TcpClient from, TcpClient to)
    {
        await ConnectAsync(to);
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
}
