using System.Net.Sockets;
using System.Text;

namespace Governance.Gateway.Tests.Api;

/// <summary>Requests an HTTP client would not send: a length that is not kept, a body nobody asked for to the end.</summary>
internal static class RawHttp
{
    /// <summary>Sends the head, then pieces of body for as long as the server takes them, and returns what it said.</summary>
    /// <param name="head">Request line and headers, joined by line feeds, without the empty line.</param>
    public static async Task<string> SendAsync(Uri address, string head, IEnumerable<byte[]> body, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        var stream = client.GetStream();
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(stream, head, body, answered.Token);
        var said = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; !said.ToString().Contains("traceId", StringComparison.Ordinal) && (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                said.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // The server closed in the middle of our body; what it said before counts.
        }

        await answered.CancelAsync();
        await writing;
        return said.ToString();
    }

    private static async Task WriteAsync(NetworkStream stream, string head, IEnumerable<byte[]> body, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n"), cancellationToken);
            foreach (var piece in body)
            {
                await stream.WriteAsync(piece, cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It does not want more.
        }
    }
}
