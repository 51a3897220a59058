using Governance.Client.Contracts;
using Governance.Core;
using Governance.Gateway.Api;
using Microsoft.AspNetCore.Mvc;

namespace Governance.Gateway.Identity.Development;

/// <summary><c>GET /dev/personas</c> and <c>POST /dev/token</c>. Answer only to requests addressed to loopback, so no page elsewhere can rebind its way in.</summary>
internal static class DevelopmentEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints, DevelopmentIssuer issuer)
    {
        var group = endpoints.MapGroup("/dev").AllowAnonymous().WithTags("Development").AddEndpointFilter(async (context, next) =>
            LoopbackOnly.IsLoopback(context.HttpContext.Request.Host.Host)
                ? await next(context)
                : Problems.Result(StatusCodes.Status403Forbidden, "loopback-only", "Development tokens are for this machine only: address the gateway as localhost."));

        group.MapGet("/personas", () => Results.Json(Persona.All, GovernanceJson.Options)).WithName("ListPersonas");
        group.MapPost("/token", ([FromBody] PersonaTokenRequest request) =>
        {
            if (Persona.Find(request.Persona) is not { } persona)
            {
                var known = string.Join(", ", Persona.All.Select(p => p.Id));
                return Problems.Result(StatusCodes.Status404NotFound, "unknown-persona", $"Be one of: {known}.");
            }

            var (token, expires) = issuer.Issue(persona);
            return Results.Json(new PersonaToken(token, "Bearer", expires), GovernanceJson.Options);
        }).WithName("IssueDevelopmentToken").Produces<PersonaToken>().ProducesProblem(404);
    }
}
