namespace Governance.Gateway.Identity;

/// <summary>Marks an endpoint as a page: its callers come with the portal's cookie. Every other endpoint takes bearer tokens only, so no page elsewhere can make a browser call the API.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class PortalEndpointAttribute : Attribute;
