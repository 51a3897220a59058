using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client.Transport;

namespace Governance.Client.Tokens;

/// <summary>
/// A persona of a gateway in Development (<c>dana</c>, <c>victor</c>, ...): fetches its token from <c>POST /dev/token</c> and again shortly
/// before it expires. Works against loopback only, because the gateway's issuer does. Thread-safe.
/// </summary>
public sealed class DevelopmentPersona(HttpClient http, string persona, TimeProvider time) : ITokenSource, IDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim gate = new(1, 1);
    private string? token;
    private DateTimeOffset expires;

    public string Persona => persona;

    public async ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (token is null || time.GetUtcNow() >= expires - Early)
            {
                (token, expires) = await FetchAsync(cancellationToken);
            }

            return token;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task<(string Token, DateTimeOffset Expires)> FetchAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "dev/token");
        request.Content = new StringContent(new JsonObject { ["persona"] = persona }.ToJsonString(), Encoding.UTF8, "application/json");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var response = await SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new GovernanceException(await ProblemReader.ReadAsync(response, cancellationToken));
        }

        using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        return answer.RootElement.TryGetProperty("access_token", out var issued) && issued.GetString() is { Length: > 0 } text
            ? (text, Expiry(answer.RootElement))
            : throw new GovernanceException(ClientProblems.Unreadable((int)response.StatusCode, "there is no access_token in it"));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new GovernanceException(ClientProblems.Unreachable(http.BaseAddress, e.HttpRequestError.ToString()), e);
        }
    }

    private DateTimeOffset Expiry(JsonElement answer) =>
        time.GetUtcNow() + TimeSpan.FromSeconds(answer.TryGetProperty("expires_in", out var seconds) && seconds.TryGetDouble(out var n) ? Math.Clamp(n, 0, 86400) : 300);
}
