using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Governance.Gateway.Inference.Direct;

/// <summary>Sends each request one of two ways: inference of a known caller directly to its handler, everything else through the whole pipeline. Thread-safe.</summary>
/// <param name="whole">The pipeline, as the host made it.</param>
internal sealed class DirectApplication<TContext>(IHttpApplication<TContext> whole, DirectInference inference) : IHttpApplication<DirectContext<TContext>>
    where TContext : notnull
{
    public DirectContext<TContext> CreateContext(IFeatureCollection contextFeatures)
    {
        var kept = contextFeatures as IHostContextContainer<DirectContext<TContext>>;
        var context = kept?.HostContext ?? new DirectContext<TContext>(inference.Scopes);
        if (kept is not null)
        {
            kept.HostContext = context;
        }

        context.Begin(contextFeatures, DirectInference.RouteOf(contextFeatures.GetRequiredFeature<IHttpRequestFeature>()));
        return context;
    }

    public Task ProcessRequestAsync(DirectContext<TContext> context)
    {
        if (context.Route is { } route)
        {
            var http = context.Http();
            var caller = inference.FindCaller(http, context.Token);
            if (caller is not null)
            {
                return inference.AnswerAsync(http, caller, route);
            }

            context.End();
        }

        context.Whole = whole.CreateContext(context.Features);
        return whole.ProcessRequestAsync(context.Whole);
    }

    public void DisposeContext(DirectContext<TContext> context, Exception? exception)
    {
        if (context.Whole is { } pipeline)
        {
            whole.DisposeContext(pipeline, exception);
        }
        else
        {
            context.End();
        }
    }
}
