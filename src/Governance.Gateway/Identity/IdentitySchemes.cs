namespace Governance.Gateway.Identity;

/// <summary>Names of the authentication schemes.</summary>
public static class IdentitySchemes
{
    /// <summary>The default: forwards to <see cref="Portal"/> on endpoints marked <see cref="PortalEndpointAttribute"/>, else to <see cref="Bearer"/> or, without a token, <see cref="Certificate"/>.</summary>
    public const string Default = "Governance";

    /// <summary>Access tokens.</summary>
    public const string Bearer = "Bearer";

    /// <summary>The connection's client certificate, where the request has no token.</summary>
    public const string Certificate = "Certificate";

    /// <summary>The portal's session cookie.</summary>
    public const string Portal = "Portal";
}
