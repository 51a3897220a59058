using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Governance.Core.Identity;

namespace Governance.Gateway.Identity;

/// <summary>A claim is missing or not of its type; the message names the claim and never its value.</summary>
internal sealed class ClaimException(string message) : Exception(message);

/// <summary>The claims of a token whose signature is verified, read strictly.</summary>
/// <param name="root">Must be a JSON object.</param>
internal readonly struct JwtClaims(JsonElement root)
{
    private const int MaximumText = 256;
    private const int MaximumItems = 100;

    /// <summary>How far two clocks may differ.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    public string RequiredText(string claim) => OptionalText(claim) ?? throw new ClaimException($"The token has no '{claim}' claim.");

    public string? OptionalText(string claim) => !root.TryGetProperty(claim, out var value)
        ? null
        : value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= MaximumText } text && !text.Any(char.IsControl)
            ? text
            : throw new ClaimException($"The token's '{claim}' claim is not a text of 1 to {MaximumText} characters.");

    /// <summary>A text or an array of texts.</summary>
    public IReadOnlyList<string> RequiredTexts(string claim) =>
        OptionalTexts(claim) is { Count: > 0 } texts ? texts : throw new ClaimException($"The token has no '{claim}' claim.");

    public IReadOnlyList<string> OptionalTexts(string claim)
    {
        if (!root.TryGetProperty(claim, out var value))
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return [value.GetString()!];
        }

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= MaximumItems
            && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
            : throw new ClaimException($"The token's '{claim}' claim is not a text or a list of at most {MaximumItems} texts.");
    }

    public DateTimeOffset RequiredTime(string claim) => OptionalTime(claim) ?? throw new ClaimException($"The token has no '{claim}' claim.");

    /// <summary>Seconds since 1970 (RFC 7519 NumericDate), fractions cut off.</summary>
    public DateTimeOffset? OptionalTime(string claim) => !root.TryGetProperty(claim, out var value)
        ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and <= 253402300799
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw new ClaimException($"The token's '{claim}' claim is not a number of seconds since 1970.");

    /// <summary>
    /// The caller these claims speak of. Subject is Entra's <c>oid</c>, else <c>sub</c>. Roles of other applications are passed over.
    /// When the person proved who they are is <c>auth_time</c> alone: <c>iat</c> is renewed without them.
    /// A person is who the token says is one (<c>idtyp</c> is <c>user</c>, or it has a delegated scope <c>scp</c>); everything else is an application.
    /// </summary>
    public Caller ToCaller(string token)
    {
        var subject = OptionalText("oid") ?? RequiredText("sub");
        var roles = default(RoleSet);
        foreach (var name in OptionalTexts("roles"))
        {
            roles = RoleNames.TryParse(name, out var role) ? roles.With(role) : roles;
        }

        var type = OptionalText("idtyp");
        var isPerson = type is null ? root.TryGetProperty("scp", out _) : type == "user";
        return new Caller
        {
            Subject = subject,
            Name = OptionalText("name") ?? OptionalText("azp") ?? subject,
            Kind = isPerson ? CallerKind.Person : CallerKind.Application,
            Roles = roles,
            TokenId = OptionalText("jti") ?? OptionalText("uti") ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)).AsSpan(0, 16)),
            ExpiresAt = RequiredTime("exp"),
            AuthenticatedAt = OptionalTime("auth_time"),
        };
    }
}
