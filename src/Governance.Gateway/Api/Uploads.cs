using System.Text.Json;
using Governance.Core;
using Governance.Storage;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Governance.Gateway.Api;

/// <summary>What an upload brought: the <c>metadata</c> part, and the <c>file</c> part as an artefact.</summary>
internal sealed record Upload<T>(T Metadata, Digest File);

/// <summary>Reads a two-part multipart upload as a stream: metadata first, then the file, which goes straight to the artefact store.</summary>
internal static class Uploads
{
    private const int LargestMetadata = 1 << 20;

    /// <exception cref="BadHttpRequestException">The form is not two such parts, or too large.</exception>
    public static async Task<Upload<T>> ReadAsync<T>(HttpContext http, ArtifactStore artifacts, long largestFile)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            throw new RequestFaultException("Send multipart/form-data.", StatusCodes.Status415UnsupportedMediaType);
        }

        if (http.Request.ContentLength > largestFile + LargestMetadata)
        {
            throw TooLarge();
        }

        var cancellationToken = http.RequestAborted;
        var reader = new MultipartReader(boundary.ToString(), http.Request.Body) { BodyLengthLimit = largestFile + LargestMetadata };
        try
        {
            var metadata = await NextAsync(reader, "metadata", cancellationToken);
            var content = await MetadataAsync<T>(metadata, cancellationToken);
            var file = await NextAsync(reader, "file", cancellationToken);
            return new Upload<T>(content, await artifacts.PutAsync(file.Body, largestFile, cancellationToken));
        }
        catch (ArtifactTooLargeException e)
        {
            throw TooLarge(e);
        }
        catch (ArtifactSourceException e)
        {
            throw e.InnerException as BadHttpRequestException ?? BrokenOff(e);
        }
        catch (EndOfFormException e)
        {
            throw BrokenOff(e);
        }
    }

    private static RequestFaultException BrokenOff(Exception inner) =>
        new("The form ends before its last boundary.", StatusCodes.Status400BadRequest, inner);

    private static RequestFaultException TooLarge(Exception? inner = null) =>
        new("The file is too large.", StatusCodes.Status413PayloadTooLarge, inner);

    private static async Task<T> MetadataAsync<T>(MultipartSection section, CancellationToken cancellationToken)
    {
        var buffer = new byte[LargestMetadata + 1];
        var length = await OfFormAsync(section.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).AsTask());
        if (length > LargestMetadata)
        {
            throw new RequestFaultException("The metadata part is larger than 1 MiB.", StatusCodes.Status413PayloadTooLarge);
        }

        try
        {
            return GovernanceJson.Deserialize<T>(buffer.AsSpan(0, length));
        }
        catch (JsonException e)
        {
            throw new RequestFaultException("The metadata part is not the JSON this endpoint reads.", StatusCodes.Status400BadRequest, e);
        }
    }

    private static async Task<MultipartSection> NextAsync(MultipartReader reader, string name, CancellationToken cancellationToken)
    {
        var section = await OfFormAsync(reader.ReadNextSectionAsync(cancellationToken));
        return section?.GetContentDispositionHeader() is { } disposition && HeaderUtilities.RemoveQuotes(disposition.Name).Equals(name, StringComparison.Ordinal)
            ? section
            : throw new RequestFaultException("The form has two parts in this order: 'metadata' (JSON), then 'file'.");
    }

    /// <summary>The reader tells of a form that breaks off by an <see cref="IOException"/>, as storage tells of its own troubles.</summary>
    private static async Task<TResult> OfFormAsync<TResult>(Task<TResult> read)
    {
        try
        {
            return await read;
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new EndOfFormException(e);
        }
    }

    private sealed class EndOfFormException(IOException inner) : Exception(inner.Message, inner);
}
