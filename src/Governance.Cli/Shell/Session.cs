using Governance.Client;
using Governance.Client.Tokens;

namespace Governance.Cli.Shell;

/// <summary>A gateway and who to be to it. Nothing is sent before a command asks.</summary>
internal sealed class Session : IDisposable
{
    private readonly HttpClient http;
    private readonly TimeProvider time;
    private readonly List<DevelopmentPersona> personas = [];

    public Session(Uri gateway, string? persona, string? token, TimeProvider time)
    {
        this.time = time;
        http = GovernanceClient.CreateHttpClient(gateway);
        Client = persona is not null ? As(persona) : new GovernanceClient(http, new FixedToken(token));
    }

    /// <summary>As whoever the command line says.</summary>
    public GovernanceClient Client { get; }

    /// <summary>As a persona of a gateway in Development.</summary>
    public GovernanceClient As(string persona)
    {
        var source = new DevelopmentPersona(http, persona, time);
        personas.Add(source);
        return new GovernanceClient(http, source);
    }

    /// <summary>Without a token.</summary>
    public GovernanceClient Anonymous() => new(http, FixedToken.None);

    public void Dispose()
    {
        personas.ForEach(p => p.Dispose());
        http.Dispose();
    }
}
