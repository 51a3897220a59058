using System.Text.Encodings.Web;
using Governance.Core.Identity;
using Governance.Gateway.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Governance.Gateway.Identity;

/// <summary>Authenticates <c>Authorization: Bearer</c> (RFC 6750) through <see cref="ITokenValidator"/>, and answers refusals as problem details.</summary>
internal sealed partial class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ITokenValidator validator) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Prefix = "Bearer ";
    private TokenOutcome.Refused? refused;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count == 0)
        {
            return AuthenticateResult.NoResult();
        }

        var outcome = header.Count == 1 && header[0]!.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            ? await validator.ValidateAsync(header[0]![Prefix.Length..], Context.RequestAborted)
            : new TokenOutcome.Refused(TokenRefusal.Malformed, "The Authorization header is not 'Bearer' and one token.");
        if (outcome is TokenOutcome.Valid { Caller: var caller })
        {
            return AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Scheme.Name), Scheme.Name));
        }

        refused = (TokenOutcome.Refused)outcome;
        LogRefused(Logger, refused.Reason);
        return AuthenticateResult.Fail(refused.Detail);
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        var detail = refused?.Detail ?? "Send an access token in the header 'Authorization: Bearer <token>'.";
        switch (refused?.Reason)
        {
            case null:
                Challenge(error: null, detail);
                await WriteAsync(StatusCodes.Status401Unauthorized, "unauthenticated", detail);
                break;
            case TokenRefusal.KeysUnavailable:
                Response.Headers.RetryAfter = "60";
                await WriteAsync(StatusCodes.Status503ServiceUnavailable, "identity-unavailable", detail);
                break;
            case TokenRefusal.NoRole:
                Challenge("insufficient_scope", detail);
                await WriteAsync(StatusCodes.Status403Forbidden, "role-required", detail);
                break;
            case { } reason:
                Challenge("invalid_token", detail);
                await WriteAsync(StatusCodes.Status401Unauthorized, CodeOf(reason), detail);
                break;
        }
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        WriteAsync(StatusCodes.Status403Forbidden, "role-required", $"Your role ({Context.FindCaller()?.Roles.ToString() ?? "none"}) does not allow this.");

    private static string CodeOf(TokenRefusal reason) => reason switch
    {
        TokenRefusal.TooLarge => "token-too-large",
        TokenRefusal.Algorithm => "token-algorithm",
        TokenRefusal.UnknownKey => "token-key-unknown",
        TokenRefusal.Signature => "token-signature",
        TokenRefusal.Type => "token-type",
        TokenRefusal.Issuer => "token-issuer",
        TokenRefusal.Audience => "token-audience",
        TokenRefusal.Expired => "token-expired",
        TokenRefusal.NotYetValid => "token-not-yet-valid",
        TokenRefusal.Claim => "token-claim",
        _ => "token-malformed",
    };

    private Task WriteAsync(int status, string code, string detail) => Problems.WriteAsync(Context, Problems.Of(status, code, detail));

    private void Challenge(string? error, string detail) => Response.Headers.Append(
        HeaderNames.WWWAuthenticate,
        error is null ? "Bearer realm=\"governance\"" : $"Bearer realm=\"governance\", error=\"{error}\", error_description=\"{detail.Replace('"', '\'')}\"");

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Token refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, TokenRefusal reason);
}
