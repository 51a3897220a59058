namespace Governance.Client.Tokens;

/// <summary>One token, given once. Immutable.</summary>
public sealed class FixedToken(string? token) : ITokenSource
{
    /// <summary>Calls without a token.</summary>
    public static FixedToken None { get; } = new(null);

    public ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken) => ValueTask.FromResult(token);

    public override string ToString() => token is null ? "no token" : "token";
}
