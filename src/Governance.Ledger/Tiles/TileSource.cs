using System.Globalization;
using System.IO.Compression;
using System.Net;

namespace Governance.Ledger;

/// <summary>Where the resources of a C2SP tlog-tiles read view come from; not trusted. Thread-safe.</summary>
public interface ITileSource
{
    /// <summary>The bytes of a resource; null when there is none.</summary>
    /// <param name="path">Relative to the log's prefix, without a leading slash.</param>
    /// <exception cref="LedgerUnavailableException">It cannot be told: no answer, or an answer that is none.</exception>
    ValueTask<byte[]?> GetAsync(string path, CancellationToken cancellationToken);
}

/// <summary>A read view over HTTP. The server is not trusted: answers are bounded in size, also after decompression, and in time. Thread-safe.</summary>
/// <param name="prefix">The log's prefix.</param>
/// <param name="timeout">For one resource, from connecting to the last byte.</param>
public sealed class HttpTileSource(HttpClient http, Uri prefix, TimeSpan timeout) : ITileSource
{
    /// <summary>A full bundle of the largest entries.</summary>
    private const int LargestBundle = TilePath.FullWidth * (2 + Frame.MaximumEntry);

    private readonly string _prefix = prefix.AbsoluteUri.TrimEnd('/') + "/";

    public async ValueTask<byte[]?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _prefix + path);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, identity");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => await ReadAsync(response, path, limit.Token),
                HttpStatusCode.NotFound or HttpStatusCode.Gone => null,
                var status => throw Unavailable(path, string.Create(CultureInfo.InvariantCulture, $"the server answered {(int)status}")),
            };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable(path, string.Create(CultureInfo.InvariantCulture, $"no answer within {timeout.TotalSeconds:0.#} s"), e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            throw Unavailable(path, e.Message, e);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, string path, CancellationToken cancellationToken)
    {
        var largest = path.StartsWith("tile/entries/", StringComparison.Ordinal) ? LargestBundle
            : path.StartsWith("tile/", StringComparison.Ordinal) ? TilePath.FullWidth * MerkleHash.Size : SignedNote.MaximumLength;
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var encoding = response.Content.Headers.ContentEncoding;
        if (encoding.Count == 0 || encoding.All(e => string.Equals(e, "identity", StringComparison.OrdinalIgnoreCase)))
        {
            return await BoundedBody.ReadAsync(body, largest, cancellationToken) ?? throw TooLong(path);
        }

        if (encoding.Count != 1 || !string.Equals(encoding.First(), "gzip", StringComparison.OrdinalIgnoreCase))
        {
            throw Unavailable(path, "the answer has an encoding that was not asked for");
        }

        await using var unpacked = new GZipStream(body, CompressionMode.Decompress);
        return await BoundedBody.ReadAsync(unpacked, largest, cancellationToken) ?? throw TooLong(path);
    }

    private static LedgerUnavailableException TooLong(string path) => Unavailable(path, "the answer is longer than such a resource can be");

    private static LedgerUnavailableException Unavailable(string path, string why, Exception? inner = null) => new($"{path} cannot be read: {why}.", inner);
}
