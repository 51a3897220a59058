using System.Text.Json;
using Governance.Core.Identity;
using Governance.Gateway.Identity.Jose;

namespace Governance.Gateway.Identity;

/// <summary>
/// The portable <see cref="ITokenValidator"/>: strict checks of a signed JWT (RFC 7519, 8725, 9068) as Microsoft Entra ID and others issue them.
/// Signature first, with the gateway's algorithms only; then type, issuer, audience, times and claims. Thread-safe.
/// </summary>
internal sealed class JwtTokenValidator(string issuer, string audience, KeySetCache keys, TimeProvider time) : ITokenValidator
{
    /// <summary>What a token may measure, in characters.</summary>
    public const int MaximumLength = 16 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    public async ValueTask<TokenOutcome> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length > MaximumLength)
        {
            return Refuse(TokenRefusal.TooLarge, $"The token is longer than {MaximumLength} characters.");
        }

        if (Jws.Parse(token) is not { } jws)
        {
            return Refuse(TokenRefusal.Malformed, "The token is not a signed JWT in compact form.");
        }

        if (await keys.FindAsync(jws.KeyId, cancellationToken) is not { } published)
        {
            return Refuse(TokenRefusal.KeysUnavailable, "The issuer's keys cannot be had at the moment. Try again shortly.");
        }

        return jws.Verify(published, SignatureAlgorithm.Gateway) switch
        {
            JwsFault.Algorithm => Refuse(TokenRefusal.Algorithm, "The token's algorithm is not the key's, or is not allowed here (ES256, RS256, PS256)."),
            JwsFault.UnknownKey => Refuse(TokenRefusal.UnknownKey, "The issuer publishes no such key."),
            JwsFault.None => Check(jws, token),
            _ => Refuse(TokenRefusal.Signature, "The token's signature does not verify."),
        };
    }

    private TokenOutcome Check(Jws jws, string token)
    {
        if (jws.Type is { } type && !IsAccessTokenType(type))
        {
            return Refuse(TokenRefusal.Type, "The token's type is not JWT or at+jwt.");
        }

        try
        {
            using var document = JsonDocument.Parse(jws.Payload, Strict);
            return CheckClaims(new JwtClaims(document.RootElement), token);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Refuse(TokenRefusal.Malformed, "The token's claims are not a JSON object without duplicate members.");
        }
        catch (ClaimException e)
        {
            return Refuse(TokenRefusal.Claim, e.Message);
        }
    }

    private TokenOutcome CheckClaims(JwtClaims claims, string token)
    {
        var now = time.GetUtcNow();
        if (claims.RequiredText("iss") != issuer)
        {
            return Refuse(TokenRefusal.Issuer, "The token is of another issuer.");
        }

        if (!claims.RequiredTexts("aud").Contains(audience, StringComparer.Ordinal))
        {
            return Refuse(TokenRefusal.Audience, "The token is for another audience.");
        }

        if (now >= claims.RequiredTime("exp") + JwtClaims.ClockSkew)
        {
            return Refuse(TokenRefusal.Expired, "The token has expired. Sign in again.");
        }

        if (claims.RequiredTime("iat") > now + JwtClaims.ClockSkew || claims.OptionalTime("nbf") > now + JwtClaims.ClockSkew
            || claims.OptionalTime("auth_time") > now + JwtClaims.ClockSkew)
        {
            return Refuse(TokenRefusal.NotYetValid, "The token is not valid yet; is a clock wrong?");
        }

        var caller = claims.ToCaller(token);
        return caller.Roles.IsEmpty
            ? Refuse(TokenRefusal.NoRole, "The token carries no role of this gateway. Ask for one of: " + string.Join(", ", RoleNames.All.Select(r => r.Name())) + ".")
            : new TokenOutcome.Valid(caller);
    }

    private static bool IsAccessTokenType(string type) =>
        type.Equals("JWT", StringComparison.OrdinalIgnoreCase)
        || type.Equals("at+jwt", StringComparison.OrdinalIgnoreCase)
        || type.Equals("application/at+jwt", StringComparison.OrdinalIgnoreCase);

    private static TokenOutcome.Refused Refuse(TokenRefusal reason, string detail) => new(reason, detail);
}
