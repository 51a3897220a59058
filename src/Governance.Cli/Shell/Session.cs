using System.Net.Http.Headers;
using Governance.Client;
using Governance.Client.Tokens;

namespace Governance.Cli.Shell;

/// <summary>A gateway and who to be to it. Nothing is sent before a command asks.</summary>
internal sealed class Session : IDisposable
{
    private readonly HttpClient http;
    private readonly TimeProvider time;
    private readonly List<DevelopmentPersona> personas = [];
    private readonly List<HttpClient> others = [];
    private readonly Uri gateway;
    private readonly ITokenSource tokens;

    public Session(Uri gateway, string? persona, string? token, TimeProvider time)
    {
        this.time = time;
        http = GovernanceClient.CreateHttpClient(gateway);
        this.gateway = gateway;
        tokens = persona is not null ? Persona(persona) : new FixedToken(token);
        Client = new GovernanceClient(http, tokens);
    }

    /// <summary>As whoever the command line says.</summary>
    public GovernanceClient Client { get; }

    /// <summary>As a persona of a gateway in Development.</summary>
    public GovernanceClient As(string persona) => new(http, Persona(persona));

    /// <summary>For an address given on the command line: no redirects, no cookies, and the token only when it is the gateway's own.</summary>
    public HttpClient HttpFor(Uri address)
    {
        HttpMessageHandler sockets = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        var ours = Uri.Compare(address, gateway, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
        var client = new HttpClient(ours ? new Bearer(tokens, sockets) : sockets);
        others.Add(client);
        return client;
    }

    /// <summary>Without a token.</summary>
    public GovernanceClient Anonymous() => new(http, FixedToken.None);

    public void Dispose()
    {
        others.ForEach(o => o.Dispose());
        personas.ForEach(p => p.Dispose());
        http.Dispose();
    }

    private DevelopmentPersona Persona(string persona)
    {
        var source = new DevelopmentPersona(http, persona, time);
        personas.Add(source);
        return source;
    }

    private sealed class Bearer(ITokenSource tokens, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (await tokens.GetTokenAsync(cancellationToken) is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
