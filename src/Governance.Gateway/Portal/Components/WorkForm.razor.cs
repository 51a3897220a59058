using Governance.Core.Decisions;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Components;

/// <summary>A form with fields that does one command: posts, shows the refusal with what was typed, or goes on to a page with a notice.</summary>
public sealed partial class WorkForm
{
    private Refusal? refusal;

    /// <summary>The form's name, unique on its page.</summary>
    [Parameter]
    [EditorRequired]
    public required string Name { get; set; }

    /// <summary>Words of the button.</summary>
    [Parameter]
    [EditorRequired]
    public required string Label { get; set; }

    [Parameter]
    public bool Quiet { get; set; }

    [Parameter]
    [EditorRequired]
    public required RenderFragment<FormFields> ChildContent { get; set; }

    /// <summary>Gets the fields and the form's idempotency key.</summary>
    [Parameter]
    [EditorRequired]
    public required Func<FormFields, string, Task<PortalOutcome>> Action { get; set; }

    /// <summary>Where to go when it is done.</summary>
    [Parameter]
    [EditorRequired]
    public required Func<PortalOutcome, string> Next { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private static string NewRequestId => Guid.NewGuid().ToString("N");

    private FormFields Fields => new(Name, Context.Request.HasFormContentType && Context.Request.Form["_handler"] == Name ? Context.Request.Form : null);

    private async Task SubmitAsync()
    {
        var fields = Fields;
        var outcome = await Action(fields, fields.Text("RequestId") is { Length: > 0 and <= 64 } id ? id : NewRequestId);
        refusal = outcome.Refusal;
        if (refusal is null)
        {
            Navigation.NavigateTo(Next(outcome));
        }
    }
}
