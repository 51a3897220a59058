using System.Text.Json;
using Governance.Client.Contracts;

namespace Governance.Client.Transport;

/// <summary>Reads an error answer; one without a problem document becomes a bare one.</summary>
internal static class ProblemReader
{
    /// <summary>Longest problem document read. Gate decisions with many rules fit.</summary>
    private const int LongestDocument = 4 * 1024 * 1024;

    public static async Task<Problem> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json"))
        {
            return ClientProblems.Bare(status, response.ReasonPhrase);
        }

        try
        {
            await response.Content.LoadIntoBufferAsync(LongestDocument, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return JsonSerializer.Deserialize<Problem>(body, ClientJson.Reading) ?? ClientProblems.Bare(status, response.ReasonPhrase);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException)
        {
            return ClientProblems.Bare(status, response.ReasonPhrase);
        }
    }
}
