using Governance.Core.Identity;
using Microsoft.AspNetCore.Http.Features;

namespace Governance.Gateway.Inference.Direct;

/// <summary>What the requests of one connection use one after another: the server keeps it with the connection. Not thread-safe.</summary>
internal sealed class DirectContext<TContext>(IServiceScopeFactory scopes)
    where TContext : notnull
{
    private DefaultHttpContext? http;

    /// <summary>What the server offers of the present request.</summary>
    public IFeatureCollection Features { get; private set; } = null!;

    /// <summary>Name of the route that is asked; null when the request is for the pipeline.</summary>
    public string? Route { get; private set; }

    /// <summary>The pipeline's context of the present request, once it has one.</summary>
    public TContext? Whole { get; set; }

    public KnownToken Token { get; } = new();

    public void Begin(IFeatureCollection features, string? route) => (Features, Route, Whole) = (features, route, default);

    public HttpContext Http()
    {
        if (http is null)
        {
            http = new DefaultHttpContext(Features) { ServiceScopeFactory = scopes };
        }
        else
        {
            http.Initialize(Features);
        }

        return http;
    }

    public void End() => http?.Uninitialize();
}

/// <summary>
/// The token last seen on a connection and who sent it, for a second: the server gives the same string again while a client repeats a header,
/// so that an application that asks a hundred times a second on a connection is looked up once. Not thread-safe.
/// </summary>
internal sealed class KnownToken
{
    /// <summary>How long a token is not asked for again.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private string? header;
    private Caller? caller;
    private DateTimeOffset until;

    /// <summary>Who sent this very string less than a second ago.</summary>
    public Caller? Find(string authorization, DateTimeOffset now) =>
        ReferenceEquals(header, authorization) && now < until && now > until - Fresh - Fresh ? caller : null;

    public void Remember(string authorization, Caller of, DateTimeOffset now) =>
        (header, caller, until) = (authorization, of, now + Fresh < of.ExpiresAt ? now + Fresh : of.ExpiresAt);
}
