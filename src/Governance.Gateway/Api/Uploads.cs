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
            throw new BadHttpRequestException("Send multipart/form-data.", StatusCodes.Status415UnsupportedMediaType);
        }

        var cancellationToken = http.RequestAborted;
        var reader = new MultipartReader(boundary.ToString(), http.Request.Body) { BodyLengthLimit = largestFile + LargestMetadata };
        var metadata = await NextAsync(reader, "metadata", cancellationToken);
        var content = await MetadataAsync<T>(metadata, cancellationToken);
        var file = await NextAsync(reader, "file", cancellationToken);
        try
        {
            return new Upload<T>(content, await artifacts.PutAsync(file.Body, largestFile, cancellationToken));
        }
        catch (Exception e) when (e is ArtifactTooLargeException or InvalidDataException)
        {
            throw new BadHttpRequestException("The file is too large.", StatusCodes.Status413PayloadTooLarge, e);
        }
    }

    private static async Task<T> MetadataAsync<T>(MultipartSection section, CancellationToken cancellationToken)
    {
        var buffer = new byte[LargestMetadata + 1];
        var length = await section.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > LargestMetadata)
        {
            throw new BadHttpRequestException("The metadata part is larger than 1 MiB.", StatusCodes.Status413PayloadTooLarge);
        }

        try
        {
            return GovernanceJson.Deserialize<T>(buffer.AsSpan(0, length));
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException("The metadata part is not the JSON this endpoint reads.", StatusCodes.Status400BadRequest, e);
        }
    }

    private static async Task<MultipartSection> NextAsync(MultipartReader reader, string name, CancellationToken cancellationToken)
    {
        var section = await reader.ReadNextSectionAsync(cancellationToken);
        return section?.GetContentDispositionHeader() is { } disposition && HeaderUtilities.RemoveQuotes(disposition.Name).Equals(name, StringComparison.Ordinal)
            ? section
            : throw new BadHttpRequestException("The form has two parts in this order: 'metadata' (JSON), then 'file'.");
    }
}
