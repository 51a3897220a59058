using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Governance.Ledger;

/// <summary>How a witness answered.</summary>
public enum WitnessStatus
{
    /// <summary>It cosigned, and a cosignature of a key we trust verifies.</summary>
    Cosigned,

    /// <summary>It has a checkpoint of another size: prove consistency from there.</summary>
    Stale,

    /// <summary>It has another root at this size: one of the two states is a fork.</summary>
    Conflict,

    /// <summary>It refused (400, 403, 404, 422) or answered what is no answer.</summary>
    Refused,

    /// <summary>No answer within the time.</summary>
    Unreachable,
}

/// <summary>What a witness said about one checkpoint. Immutable.</summary>
/// <param name="Size">The size it has, when <see cref="WitnessStatus.Stale"/>; else 0.</param>
/// <param name="Cosignatures">Verified ones only.</param>
/// <param name="Reason">One line for an operator; empty when cosigned.</param>
public sealed record WitnessReply(WitnessStatus Status, long Size, IReadOnlyList<NoteSignature> Cosignatures, string Reason);

/// <summary>
/// Asks one witness to cosign (C2SP tlog-witness, the client's side). The witness is not trusted: answers are bounded in size and time, and
/// only cosignatures that verify under <paramref name="keys"/> are taken. Never throws but for cancellation. Thread-safe.
/// </summary>
/// <param name="prefix">The witness's submission prefix.</param>
/// <param name="keys">Keys of the witness; of a cosignature type.</param>
/// <param name="timeout">For one call, from connecting to the last byte.</param>
public sealed class WitnessClient(HttpClient http, Uri prefix, IReadOnlyList<NoteVerifier> keys, TimeSpan timeout)
{
    private const int MaximumAnswer = 64 * 1024;

    /// <summary>The witness's keys, by which its cosignatures are known.</summary>
    public IReadOnlyList<NoteVerifier> Keys => keys;

    public Uri Address { get; } = new(prefix.AbsoluteUri.TrimEnd('/') + "/add-checkpoint");

    public async Task<WitnessReply> AddCheckpointAsync(AddCheckpointRequest request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, Address) { Content = new ByteArrayContent(request.ToBytes()) };
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var body = await BoundedBody.ReadAsync(response.Content, MaximumAnswer, limit.Token);
            return body is null ? Refused("It answered more than it may.") : Judge(response, body, request);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WitnessReply(WitnessStatus.Unreachable, 0, [], string.Create(CultureInfo.InvariantCulture, $"No answer within {timeout.TotalSeconds:0.#} s."));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new WitnessReply(WitnessStatus.Unreachable, 0, [], e.Message);
        }
    }

    private WitnessReply Judge(HttpResponseMessage response, byte[] body, AddCheckpointRequest request)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                var cosignatures = Verified(body, request.Checkpoint);
                return cosignatures.Count > 0
                    ? new WitnessReply(WitnessStatus.Cosigned, 0, cosignatures, "")
                    : Refused("It answered 200 with no cosignature that verifies.");
            case HttpStatusCode.Conflict when string.Equals(response.Content.Headers.ContentType?.MediaType, "text/x.tlog.size", StringComparison.Ordinal):
                var text = Encoding.ASCII.GetString(body);
                return text.EndsWith('\n') && Checkpoint.TryParseNumber(text[..^1], out var size) && size != request.OldSize
                    ? new WitnessReply(WitnessStatus.Stale, size, [], string.Create(CultureInfo.InvariantCulture, $"It has size {size}."))
                    : Refused("It answered 409 with no other size.");
            case HttpStatusCode.Conflict:
                return new WitnessReply(WitnessStatus.Conflict, 0, [], "It has another root at this size.");
            default:
                return Refused(string.Create(CultureInfo.InvariantCulture, $"It answered {(int)response.StatusCode}."));
        }
    }

    private List<NoteSignature> Verified(byte[] lines, SignedNote checkpoint)
    {
        // The lines are those of a note: put them under the text they sign and read the whole.
        byte[] note = [.. Encoding.UTF8.GetBytes(checkpoint.Text), (byte)'\n', .. lines];
        if (!SignedNote.TryParse(note, out var cosigned, out _) || !string.Equals(cosigned.Text, checkpoint.Text, StringComparison.Ordinal))
        {
            return [];
        }

        var text = Encoding.UTF8.GetBytes(checkpoint.Text);
        return
        [
            .. cosigned.Signatures.Where(s => keys.Any(k => k.IsCosigner && k.Unsupported is null && k.KeyId == s.KeyId
                && string.Equals(k.Name, s.Name, StringComparison.Ordinal) && k.Verify(text, s.Signature))),
        ];
    }

    private static WitnessReply Refused(string reason) => new(WitnessStatus.Refused, 0, [], reason);
}

/// <summary>Reads what a server that is not trusted sends, up to a limit.</summary>
internal static class BoundedBody
{
    /// <summary>The whole body; null when it is longer than <paramref name="limit"/> bytes.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit)
        {
            return null;
        }

        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        return await ReadAsync(stream, limit, cancellationToken);
    }

    public static async Task<byte[]?> ReadAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(limit + 1);
        try
        {
            var length = await stream.ReadAtLeastAsync(buffer.AsMemory(0, limit + 1), limit + 1, throwOnEndOfStream: false, cancellationToken);
            return length > limit ? null : buffer[..length];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
