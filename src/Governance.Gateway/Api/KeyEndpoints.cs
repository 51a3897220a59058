using Governance.Client.Contracts;
using Governance.Gateway.Identity;
using Governance.Gateway.Keys;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/keys</c>: the key that seals the payloads' keys on this node, and its roll.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this RouteGroupBuilder api)
    {
        api.MapGet("/keys", (PayloadKeyCustody custody) => Answers.Ok(custody.Status())).WithName("GetKeys").WithSummary("The payload key of this node").Produces<KeyDetails>();
        api.MapPost("/keys/roll", RollAsync).WithName("RollKeys").WithSummary("Seal under a new key and destroy the old one").Produces<KeyDetails>();
    }

    private static async Task<IResult> RollAsync(HttpContext http, PayloadKeyCustody custody) =>
        await custody.RollAsync(http.GetCaller()) is { } refusal ? Problems.Result(refusal) : Answers.Ok(custody.Status());
}
