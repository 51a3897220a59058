using Governance.Client;
using Governance.Client.Tokens;

namespace Governance.EndToEnd.Tests;

/// <summary>The development personas as clients of one gateway.</summary>
internal sealed class Callers(Uri gateway) : IDisposable
{
    private readonly HttpClient http = GovernanceClient.CreateHttpClient(gateway);
    private readonly List<DevelopmentPersona> personas = [];

    public GovernanceClient As(string persona)
    {
        var source = new DevelopmentPersona(http, persona, TimeProvider.System);
        personas.Add(source);
        return new GovernanceClient(http, source);
    }

    public void Dispose()
    {
        personas.ForEach(p => p.Dispose());
        http.Dispose();
    }
}
