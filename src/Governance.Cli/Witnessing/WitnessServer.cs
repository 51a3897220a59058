using Governance.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Governance.Cli.Witnessing;

/// <summary>Serves a witness over HTTP: <c>POST add-checkpoint</c>, and nothing else. Bodies, connections and times are bounded.</summary>
internal static class WitnessServer
{
    private const int MaximumConnections = 1000;

    /// <summary>Serves until cancelled, or until the process is told to end.</summary>
    /// <param name="started">Told the address once it answers.</param>
    /// <param name="remark">Told what an operator should know.</param>
    public static async Task RunAsync(Witness witness, Uri listen, Action<string> started, Action<string> remark, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(listen.AbsoluteUri).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AddCheckpointRequest.MaximumLength;
            kestrel.Limits.MaxConcurrentConnections = MaximumConnections;
        });
        builder.Logging.ClearProviders();
        await using var server = builder.Build();
        var path = new PathString(listen.AbsolutePath.TrimEnd('/') + "/add-checkpoint");
        server.Run(context => AnswerAsync(context, path, witness, remark));
        await server.StartAsync(cancellationToken);
        started(server.Urls.Single());
        await server.WaitForShutdownAsync(cancellationToken);
    }

    private static async Task AnswerAsync(HttpContext context, PathString path, Witness witness, Action<string> remark)
    {
        if (context.Request.Path != path || !HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = context.Request.Path == path ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound;
            return;
        }

        byte[] body;
        try
        {
            using var buffer = new MemoryStream();
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
            body = buffer.ToArray();
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
            return;
        }

        var answer = witness.AddCheckpoint(body);
        if (answer.Remark is { } said)
        {
            remark(said);
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = answer.Body.Length;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}
