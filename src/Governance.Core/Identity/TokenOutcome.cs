namespace Governance.Core.Identity;

/// <summary>What a validator says of a token: <see cref="Valid"/> or <see cref="Refused"/>. Immutable.</summary>
public abstract record TokenOutcome
{
    private TokenOutcome()
    {
    }

    public sealed record Valid(Caller Caller) : TokenOutcome;

    /// <param name="Reason">For programs.</param>
    /// <param name="Detail">One sentence for people that says what to do; holds nothing of the token.</param>
    public sealed record Refused(TokenRefusal Reason, string Detail) : TokenOutcome;
}

/// <summary>Why a token was refused.</summary>
public enum TokenRefusal
{
    /// <summary>Longer than the limit.</summary>
    TooLarge,

    /// <summary>Not a JWT in compact form: parts, base64url, JSON, duplicate members, a header that asks for what we do not do.</summary>
    Malformed,

    /// <summary>Signed with an algorithm that is not allowed, or not the key's own; unsigned.</summary>
    Algorithm,

    /// <summary>No key of that identifier is published.</summary>
    UnknownKey,

    /// <summary>The signature does not verify.</summary>
    Signature,

    /// <summary>Not an access token.</summary>
    Type,

    Issuer,

    Audience,

    Expired,

    NotYetValid,

    /// <summary>A required claim is missing or not of its type.</summary>
    Claim,

    /// <summary>A good token without any role of ours: the caller is known and may do nothing.</summary>
    NoRole,

    /// <summary>The issuer's keys cannot be had just now; try again.</summary>
    KeysUnavailable,
}
