using System.Diagnostics.CodeAnalysis;

namespace Governance.Gateway.Identity;

/// <summary>
/// Whose tokens the gateway accepts, from the configuration section <c>Identity</c>. All three keys are set, or, in Development only,
/// none: then the gateway issues tokens for its personas itself. Immutable.
/// </summary>
public sealed record IdentitySettings
{
    public const string Section = "Identity";

    /// <summary><c>Identity:Issuer</c>: compared with <c>iss</c> character by character.</summary>
    public required string Issuer { get; init; }

    /// <summary><c>Identity:Audience</c>: must be in <c>aud</c>.</summary>
    public required string Audience { get; init; }

    /// <summary><c>Identity:Jwks</c>: a file, or the https address of a key set or of OpenID Connect metadata.</summary>
    public required string Jwks { get; init; }

    /// <summary>Null when nothing is configured and the environment is Development.</summary>
    /// <exception cref="StartupRefusedException">With every fault found.</exception>
    internal static IdentitySettings? Read(IConfiguration configuration, bool isDevelopment)
    {
        var section = configuration.GetSection(Section);
        var (issuer, audience, jwks) = (section[nameof(Issuer)], section[nameof(Audience)], section[nameof(Jwks)]);
        if (string.IsNullOrWhiteSpace(issuer) && string.IsNullOrWhiteSpace(audience) && string.IsNullOrWhiteSpace(jwks))
        {
            return isDevelopment
                ? null
                : throw new StartupRefusedException(
                    "Identity:Issuer is not set. Outside Development the gateway needs a token issuer: set Identity:Issuer, Identity:Audience and "
                    + "Identity:Jwks (as environment variables Identity__Issuer, Identity__Audience, Identity__Jwks).");
        }

        var faults = new List<string>();
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out _))
        {
            faults.Add("Identity:Issuer must be the absolute URI that the tokens carry as 'iss'.");
        }

        if (string.IsNullOrWhiteSpace(audience))
        {
            faults.Add("Identity:Audience must be the identifier that the tokens carry as 'aud'.");
        }

        if (!IsHttps(jwks, out _) && !File.Exists(jwks))
        {
            faults.Add("Identity:Jwks must be a file that exists, or the https address of a key set or of OpenID Connect metadata.");
        }

        return faults.Count == 0
            ? new IdentitySettings { Issuer = issuer!, Audience = audience!, Jwks = jwks! }
            : throw new StartupRefusedException(string.Join(Environment.NewLine, faults));
    }

    internal static bool IsHttps(string? text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme == Uri.UriSchemeHttps;
}
