using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal;

/// <summary>The document around every page.</summary>
public sealed partial class App
{
    [CascadingParameter]
    public required HttpContext Context { get; init; }
}
