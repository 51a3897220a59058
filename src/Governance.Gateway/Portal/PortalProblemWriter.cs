using Governance.Gateway.Portal.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Governance.Gateway.Portal;

/// <summary>Writes a problem as a page to those who ask for pages (a browser), and leaves it to the JSON writer for everybody else.</summary>
internal sealed class PortalProblemWriter(IServiceScopeFactory scopes, ILoggerFactory loggers) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => AsksForPage(context.HttpContext.Request);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var response = context.HttpContext.Response;
        await using var scope = scopes.CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, loggers);
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var page = await renderer.RenderComponentAsync<ProblemPage>(ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(ProblemPage.Problem)] = context.ProblemDetails,
                [nameof(ProblemPage.TraceId)] = context.HttpContext.TraceIdentifier,
                [nameof(ProblemPage.Theme)] = PortalTheme.Of(context.HttpContext),
            }));
            return page.ToHtmlString();
        });
        response.ContentType = "text/html; charset=utf-8";
        await response.WriteAsync(html, context.HttpContext.RequestAborted);
    }

    /// <summary>Browsers name text/html first; programs name JSON or nothing.</summary>
    public static bool AsksForPage(HttpRequest request) =>
        request.GetTypedHeaders().Accept is [{ } first, ..] && first.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase);
}
