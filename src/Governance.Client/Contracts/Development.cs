namespace Governance.Client.Contracts;

/// <summary><c>POST /dev/token</c>: a token for one of the personas of a gateway in Development.</summary>
public sealed record PersonaTokenRequest(string Persona);

/// <param name="AccessToken">Send it as <c>Authorization: Bearer</c>.</param>
public sealed record PersonaToken(string AccessToken, string TokenType, DateTimeOffset ExpiresAt);
