using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Governance.Core;

namespace Governance.Client.Transport;

/// <summary>Makes request bodies, anew for every attempt.</summary>
internal static class Bodies
{
    public static Func<HttpContent> Json<T>(T value) => () => JsonContent.Create(value, options: GovernanceJson.Options);

    /// <summary>A form with a JSON part <c>metadata</c> and the part <c>file</c>, streamed from disk.</summary>
    public static Func<HttpContent> Upload<T>(T metadata, string path, string mediaType) => () =>
    {
        var document = new StringContent(JsonSerializer.Serialize(metadata, GovernanceJson.Options));
        document.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var file = new StreamContent(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 128 * 1024, useAsync: true));
        file.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return new MultipartFormDataContent { { document, "metadata" }, { file, "file", Path.GetFileName(path) } };
    };
}
