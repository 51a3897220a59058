namespace Governance.Core.Identity;

/// <summary>
/// Turns a bearer token into a <see cref="Caller"/>, or says why not. The port behind which an identity product stands:
/// the portable adapter checks JWTs itself, another may hand them to a vendor's library.
/// Implementations are thread-safe, fail closed, and never put the token or a part of it in an outcome, a message or a log.
/// </summary>
public interface ITokenValidator
{
    ValueTask<TokenOutcome> ValidateAsync(string token, CancellationToken cancellationToken);
}
