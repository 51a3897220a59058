using Governance.Core.Decisions;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Components;

/// <summary>A button that does one thing: posts, shows the refusal, or goes back to the page with a notice.</summary>
public sealed partial class ActionForm
{
    private Refusal? refusal;

    /// <summary>The form's name, unique on its page.</summary>
    [Parameter]
    [EditorRequired]
    public required string Name { get; set; }

    [Parameter]
    [EditorRequired]
    public required string Label { get; set; }

    [Parameter]
    public bool Primary { get; set; }

    /// <summary>Gets the form's idempotency key; null when done.</summary>
    [Parameter]
    [EditorRequired]
    public required Func<string, Task<Refusal?>> Action { get; set; }

    [SupplyParameterFromForm]
    private string? RequestId { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private static string NewRequestId => Guid.NewGuid().ToString("N");

    private async Task SubmitAsync()
    {
        refusal = await Action(RequestId is { Length: > 0 and <= 64 } id ? id : NewRequestId);
        if (refusal is null)
        {
            Navigation.NavigateTo($"{Context.Request.Path}?done={Name}");
        }
    }
}
