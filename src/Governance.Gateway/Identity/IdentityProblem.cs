using Governance.Core.Identity;
using Microsoft.AspNetCore.Mvc;

namespace Governance.Gateway.Identity;

/// <summary>Refusals of identity as RFC 9457 problem details, in the gateway's one form: <c>type</c> and <c>code</c> say the same.</summary>
internal static class IdentityProblem
{
    public static async Task WriteAsync(IProblemDetailsService problems, HttpContext context, int status, string code, string title, string detail)
    {
        context.Response.StatusCode = status;
        await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = Of(status, code, title, detail),
        });
    }

    public static ProblemDetails Of(int status, string code, string title, string detail) => new()
    {
        Status = status,
        Type = "urn:governance:problem:" + code,
        Title = title,
        Detail = detail,
        Extensions = { ["code"] = code },
    };

    public static string CodeOf(TokenRefusal reason) => reason switch
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
}
