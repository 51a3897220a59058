using System.Text.Encodings.Web;
using Governance.Gateway.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Identity.Certificates;

/// <summary>Authenticates the connection's client certificate through <see cref="ClientCertificates"/>; looked at again with each request.</summary>
internal sealed class CertificateHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ClientCertificates clients,
    TimeProvider time) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        Context.Connection.ClientCertificate is { } certificate && clients.Find(certificate, time.GetUtcNow()) is { } caller
            ? AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Scheme.Name), Scheme.Name))
            : AuthenticateResult.NoResult());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Problems.WriteAsync(
        Context, Problems.Of(StatusCodes.Status401Unauthorized, "certificate-unknown", "The client certificate stands for no application, or its time is over."));

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problems.WriteAsync(
        Context, Problems.Of(StatusCodes.Status403Forbidden, "role-required", "Applications with a certificate have the role client, which does not allow this."));
}
