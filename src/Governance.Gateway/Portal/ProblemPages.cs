using Governance.Client.Contracts;
using Governance.Gateway.Portal.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Governance.Gateway.Portal;

/// <summary>Problems as pages, for those who ask for pages.</summary>
internal static class ProblemPages
{
    /// <summary>Browsers name text/html first; programs name JSON or nothing.</summary>
    public static bool AskedFor(HttpRequest request) =>
        request.GetTypedHeaders().Accept is [{ } first, ..] && first.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase);

    public static async Task WriteAsync(HttpContext http, Problem problem)
    {
        await using var renderer = new HtmlRenderer(http.RequestServices, http.RequestServices.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var page = await renderer.RenderComponentAsync<ProblemPage>(ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(ProblemPage.Problem)] = problem,
                [nameof(ProblemPage.Theme)] = PortalTheme.Of(http),
            }));
            return page.ToHtmlString();
        });
        PortalServices.Protect(http.Response.Headers);
        http.Response.StatusCode = problem.Status;
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(html, http.RequestAborted);
    }
}
