using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Layout;

/// <summary>Header with navigation and who is signed in, content, footer.</summary>
public sealed partial class MainLayout
{
    [CascadingParameter]
    public required HttpContext Context { get; init; }

    private Caller? Caller => Context.FindCaller();

    private string? Current(string path, params ReadOnlySpan<string> sections)
    {
        if (Context.Request.Path == path)
        {
            return "page";
        }

        foreach (var section in sections)
        {
            if (Context.Request.Path.StartsWithSegments(section, StringComparison.Ordinal))
            {
                return "true";
            }
        }

        return null;
    }
}
