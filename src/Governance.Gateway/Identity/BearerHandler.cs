using System.Text.Encodings.Web;
using Governance.Core.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Governance.Gateway.Identity;

/// <summary>Authenticates <c>Authorization: Bearer</c> (RFC 6750) through <see cref="ITokenValidator"/>, and answers refusals as problem details.</summary>
internal sealed partial class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ITokenValidator validator,
    IProblemDetailsService problems) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
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
                await IdentityProblem.WriteAsync(problems, Context, StatusCodes.Status401Unauthorized, "unauthenticated", "Not authenticated", detail);
                break;
            case TokenRefusal.KeysUnavailable:
                Response.Headers.RetryAfter = "60";
                await IdentityProblem.WriteAsync(
                    problems, Context, StatusCodes.Status503ServiceUnavailable, "identity-unavailable", "Callers cannot be identified just now", detail);
                break;
            case TokenRefusal.NoRole:
                Challenge("insufficient_scope", detail);
                await IdentityProblem.WriteAsync(problems, Context, StatusCodes.Status403Forbidden, "role-required", "No role", detail);
                break;
            case { } reason:
                Challenge("invalid_token", detail);
                await IdentityProblem.WriteAsync(problems, Context, StatusCodes.Status401Unauthorized, IdentityProblem.CodeOf(reason), "Not authenticated", detail);
                break;
        }
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var roles = Context.FindCaller()?.Roles.ToString() ?? "none";
        return IdentityProblem.WriteAsync(
            problems, Context, StatusCodes.Status403Forbidden, "role-required", "Not allowed", $"Your role ({roles}) does not allow this.");
    }

    private void Challenge(string? error, string detail) => Response.Headers.Append(
        HeaderNames.WWWAuthenticate,
        error is null ? "Bearer realm=\"governance\"" : $"Bearer realm=\"governance\", error=\"{error}\", error_description=\"{detail.Replace('"', '\'')}\"");

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Token refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, TokenRefusal reason);
}
