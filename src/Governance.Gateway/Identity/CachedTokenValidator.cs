using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Governance.Core.Identity;
using Governance.Ledger;

namespace Governance.Gateway.Identity;

/// <summary>
/// Remembers for a minute that a token was valid, so that an application that asks a thousand times a second is not verified a thousand times.
/// Only valid tokens are remembered, by their SHA-256 and never themselves, none beyond its expiry. A key that the issuer takes back is heeded
/// a minute after <see cref="JwtTokenValidator"/> knows of it. Thread-safe.
/// </summary>
internal sealed class CachedTokenValidator(ITokenValidator validator, TimeProvider time) : ITokenValidator
{
    /// <summary>Tokens remembered; beyond, all are forgotten.</summary>
    public const int Most = 4_096;

    /// <summary>How long a validation counts.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<MerkleHash, Remembered> valid = new();

    /// <inheritdoc/>
    public ValueTask<TokenOutcome> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length > JwtTokenValidator.MaximumLength)
        {
            return validator.ValidateAsync(token, cancellationToken);
        }

        var key = KeyOf(token);
        return valid.TryGetValue(key, out var known) && time.GetUtcNow() is var now && now >= known.From && now < known.Until
            ? ValueTask.FromResult<TokenOutcome>(known.Outcome)
            : ValidateAsync(token, key, cancellationToken);
    }

    private async ValueTask<TokenOutcome> ValidateAsync(string token, MerkleHash key, CancellationToken cancellationToken)
    {
        var outcome = await validator.ValidateAsync(token, cancellationToken);
        if (outcome is not TokenOutcome.Valid accepted)
        {
            valid.TryRemove(key, out _);
            return outcome;
        }

        if (valid.Count >= Most)
        {
            valid.Clear();
        }

        var (now, expiry) = (time.GetUtcNow(), accepted.Caller.ExpiresAt + JwtClaims.ClockSkew);
        valid[key] = new Remembered(accepted, now, now + Fresh < expiry ? now + Fresh : expiry);
        return outcome;
    }

    private static MerkleHash KeyOf(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> bytes = token.Length <= 1024 ? stackalloc byte[1024] : new byte[token.Length];
        return Encoding.UTF8.TryGetBytes(token, bytes, out var length)
            ? Key(bytes[..length], hash)
            : Key(Encoding.UTF8.GetBytes(token), hash);
    }

    private static MerkleHash Key(ReadOnlySpan<byte> token, Span<byte> hash)
    {
        SHA256.HashData(token, hash);
        return new MerkleHash(hash);
    }

    /// <param name="From">When it was validated: a clock that was set back since knows nothing of it.</param>
    private readonly record struct Remembered(TokenOutcome.Valid Outcome, DateTimeOffset From, DateTimeOffset Until);
}
