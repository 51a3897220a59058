namespace Governance.Client.Tokens;

/// <summary>Where a client's bearer token comes from. Implementations are thread-safe and never log it.</summary>
public interface ITokenSource
{
    /// <summary>A token that is valid now; null to call without one.</summary>
    ValueTask<string?> GetTokenAsync(CancellationToken cancellationToken);
}
