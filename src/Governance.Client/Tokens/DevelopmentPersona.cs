using Governance.Client.Contracts;
using Governance.Client.Transport;

namespace Governance.Client.Tokens;

/// <summary>
/// A persona of a gateway in Development (<c>dana</c>, <c>victor</c>, ...): fetches its token from <c>POST /dev/token</c> and again shortly
/// before it expires. Works against loopback only, because the gateway's issuer does. Thread-safe.
/// </summary>
public sealed class DevelopmentPersona(HttpClient http, string persona, TimeProvider time, GovernanceClientOptions? options = null) : ITokenSource, IDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);
    private readonly Sender sender = new(http, FixedToken.None, options ?? new GovernanceClientOptions());
    private readonly SemaphoreSlim gate = new(1, 1);
    private PersonaToken? token;

    public async ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (token is null || time.GetUtcNow() >= token.ExpiresAt - Early)
            {
                token = await sender.ReadJsonAsync<PersonaToken>(
                    new Call(HttpMethod.Post, "dev/token") { Content = Bodies.Json(new PersonaTokenRequest(persona)), Repeatable = true }, cancellationToken);
            }

            return token.AccessToken;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();
}
