using Governance.Client.Contracts;
using Governance.Client.Tokens;
using Governance.Client.Transport;

namespace Governance.Client;

/// <summary>
/// The REST API of a gateway, one method per endpoint. Every failure is a <see cref="GovernanceException"/>; a cancelled call is an
/// <see cref="OperationCanceledException"/>. Commands take an idempotency key; null makes a fresh one. Thread-safe.
/// </summary>
public sealed partial class GovernanceClient
{
    private readonly Sender sender;

    /// <param name="http">With <see cref="HttpClient.BaseAddress"/> set to the gateway's address and no time-out of its own
    /// (<see cref="CreateHttpClient"/>); stays the caller's to dispose.</param>
    public GovernanceClient(HttpClient http, ITokenSource tokens, GovernanceClientOptions? options = null)
    {
        Address = http.BaseAddress ?? throw new ArgumentException("The HTTP client has no base address.", nameof(http));
        sender = new Sender(http, tokens, options ?? new GovernanceClientOptions());
    }

    public Uri Address { get; }

    /// <summary>An HTTP client for one gateway: no redirects (a redirect would carry the token elsewhere), no cookies.</summary>
    public static HttpClient CreateHttpClient(Uri gateway) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            BaseAddress = gateway.AbsoluteUri.EndsWith('/') ? gateway : new Uri(gateway.AbsoluteUri + "/"),
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };

    /// <summary>True when the gateway answers that it is ready; false when it does not answer or is not.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await sender.ReadTextAsync(Call.Get("health/ready") with { Accept = "*/*" }, cancellationToken);
            return true;
        }
        catch (GovernanceException)
        {
            return false;
        }
    }

    public Task<Me> GetMeAsync(CancellationToken cancellationToken) => sender.ReadJsonAsync<Me>(Call.Get("api/v1/me"), cancellationToken);

    private static string Segment(string text) => Uri.EscapeDataString(text);
}
