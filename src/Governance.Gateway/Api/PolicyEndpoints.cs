using Governance.Client.Contracts;
using Governance.Gateway.Policy;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/policy</c>: the pack in force.</summary>
internal static class PolicyEndpoints
{
    public static void MapPolicy(this RouteGroupBuilder api) =>
        api.MapGet("/policy", (PolicyInForce policy) => Answers.Ok(new PolicyDetails(
            policy.Pack.Name, policy.Pack.Version, policy.Digest, policy.Pack.ParamsDigest,
            [.. policy.Pack.Describe().Select(r => new PolicyRule(r.Id, r.Title, r.Severity.ToString().ToLowerInvariant(), r.Citation))])))
            .WithName("GetPolicy").WithSummary("The policy pack in force").Produces<PolicyDetails>();
}
