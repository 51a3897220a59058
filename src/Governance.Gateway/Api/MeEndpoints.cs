using Governance.Client.Contracts;
using Governance.Core.Identity;
using Governance.Gateway.Identity;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/me</c>.</summary>
internal static class MeEndpoints
{
    public static void MapMe(this RouteGroupBuilder api) =>
        api.MapGet("/me", (HttpContext http) =>
        {
            var caller = http.GetCaller();
            return Answers.Ok(new Me(caller.Subject, caller.Name, caller.Kind, [.. caller.Roles.Select(r => r.Name())]));
        }).WithName("GetMe").WithSummary("Who you are to the gateway").Produces<Me>();
}
